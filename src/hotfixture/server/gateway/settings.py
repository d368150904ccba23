"""The settings of hfitd: those of `mockcraft server`, and what stands between developers and production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hotfixture.server import kinds
from hotfixture.server.gateway.places import PROVIDERS, VOLUMES, Place, Provider
from hotfixture.server.settings import ServerSettings, setting


@dataclass(frozen=True, slots=True)
class DaemonSettings(ServerSettings):
    """What one daemon runs with."""

    PREFIX: ClassVar[str] = "HFITD_"
    NOT_OFFERED: ClassVar[frozenset[str]] = frozenset({"token_file", "cors_origins"})

    rate_limits: Mapping[str, str] = setting(
        kinds.RATES,
        {"auth": "600/minute", "seed": "60/minute"},
        f"Other limits by endpoint: {', '.join(f'`{name}`' for name in kinds.ENDPOINTS)}.",
    )
    rate_store: str = setting(
        kinds.TEXT,
        "",
        "A `redis://` URL where several daemons count requests, keep open challenges and tell each other who lost a "
        "right; nothing for one daemon.",
        secret=True,
    )
    url: str = setting(
        kinds.TEXT, "", "The address that clients use, such as `https://fixtures.example.com`. Logins are bound to it."
    )
    tls_cert: Path | None = setting(kinds.PATH, None, "Certificate chain in PEM.")  # noqa: RUF009 - `setting` is `field`
    tls_key: Path | None = setting(kinds.PATH, None, "Private key of the certificate in PEM.")  # noqa: RUF009 - as above
    behind_proxy: bool = setting(kinds.TRUTH, False, "A proxy in front of this daemon does TLS.")
    providers: Mapping[str, Provider] = setting(PROVIDERS, {}, "Production databases by name.")
    volumes: Mapping[str, Place] = setting(VOLUMES, {}, "Folders and buckets of files by name.")
    policy: Path | None = setting(kinds.PATH, None, "The masking policy.")  # noqa: RUF009 - as above
    masking_key: Path | None = setting(kinds.PATH, None, "File of the masking key (0600).")  # noqa: RUF009 - as above
    seal_key: Path | None = setting(  # noqa: RUF009 - as above
        kinds.PATH, None, "File of the key (0600) that seals secrets in the store; several daemons share it."
    )
    approval: str = setting(
        kinds.choice("required", "off"), "required", "Whether a template must be approved before packages are made."
    )
    approval_ttl: float = setting(kinds.SECONDS, 90 * 86_400.0, "How long an approval holds.")
    session: float = setting(kinds.SECONDS, 3600.0, "How long a session's token holds.")
    session_longest: float = setting(kinds.SECONDS, 12 * 3600.0, "How long a session can be renewed.")
    package_quota: int = setting(kinds.SIZE, 20 << 30, "Most disk that the packages of one user may fill.")
    packages_waiting: int = setting(kinds.integer(1, 10**6), 20, "Packages of one user that may wait.")
    audit_syslog: str = setting(kinds.TEXT, "", "Where audit events go as well: `udp://host:514` or `/dev/log`.")
    audit_webhook: str = setting(kinds.TEXT, "", "A URL that is sent every audit event.", secret=True)

    @property
    def kept_by(self) -> str:
        """Only the asker's own cache: everybody has to say who they are."""
        return "private"

    @property
    def folder(self) -> Path:
        """The folder of the store, jobs and packages."""
        if self.data is not None:
            return self.data
        from platformdirs import user_data_path

        return user_data_path("hotfixture", appauthor=False) / "hfitd"
