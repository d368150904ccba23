"""Teams, templates, revisions, plans and approvals as the API says them. Times are ISO 8601, UTC."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType, field

from hotfixture.wire import Asked, Paging, Told

ApprovalState = Literal["approved", "needs approval", "off"]
Done = Literal["created", "revised", "changed", "unchanged"]


class TeamTold(Told, frozen=True, kw_only=True):
    """A team, its members (users, and service tokens as `token:NAME`), and how many templates it owns."""

    name: str
    members: list[str]
    templates: int
    created: str


class TeamAsked(Asked, frozen=True, kw_only=True):
    """A new team."""

    name: str


class ParameterTold(Told, frozen=True, kw_only=True):
    """A parameter of a template."""

    name: str
    type: str
    """`integer`, `list[text]`, `date_range` …"""
    description: str = ""
    required: bool = False
    default: Any = None
    """As the template writes it; relative dates stay words."""
    minimum: str | None = None
    maximum: str | None = None
    pattern: str = ""
    choices: tuple[str, ...] = ()


class ApprovalTold(Told, frozen=True, kw_only=True):
    """Whether packages may be made of a revision, and why not."""

    state: ApprovalState
    reasons: tuple[str, ...] = ()
    """Sentences."""
    approver: str = ""
    given: str | None = None
    expires: str | None = None
    message: str = ""


class TemplateSummary(Told, frozen=True, kw_only=True):
    """A template in a list; `approval` is that of its newest revision."""

    name: str
    team: str
    owner: str
    shared: list[str]
    """Teams beside its own that may ask for it; `*` is everybody."""
    description: str
    revision: int
    """The newest."""
    digest: str
    """SHA-256 of the newest revision's text."""
    updated: str
    approval: ApprovalTold
    served: int | None
    """The revision that packages are made of now: the newest approved one."""


class TemplateTold(TemplateSummary, frozen=True, kw_only=True):
    """A template and one revision of it, the newest or the one asked for: `digest`, `text` and the rest are of that."""

    newest: int
    author: str
    created: str
    message: str
    text: str
    parameters: list[ParameterTold]
    """Declared ones, and undeclared ones that the template uses."""
    providers: list[str]
    volumes: list[str]


class TemplateQuery(Paging, frozen=True, kw_only=True):
    """Which templates to list."""

    team: str = ""
    owner: str = ""
    state: ApprovalState | Literal[""] = ""
    """Of the newest revision's approval."""
    q: str = ""
    """A part of the name or description, whatever its case."""


class Saying(Asked, frozen=True, kw_only=True):
    """What accompanies a template's text."""

    team: str = ""
    """The team that shall own it; one's own where there is one only."""
    message: str = ""
    """Why: at most 500 characters."""
    dry_run: bool = False
    """Only say what would be done."""


class Revising(Asked, frozen=True, kw_only=True):
    """What accompanies a new revision's text."""

    message: str = ""
    dry_run: bool = False


class DryRun(Asked, frozen=True, kw_only=True):
    """Whether a change is only to be shown."""

    dry_run: bool = False


class WhichRevision(Asked, frozen=True, kw_only=True):
    """Which revision; 0 is the newest."""

    revision: int = 0


class Comparing(Asked, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Two revisions; `to=0` is the newest, `from=0` the one before `to`."""

    from_: int = 0
    to: int = 0


class TemplatePatch(Asked, frozen=True, kw_only=True):
    """What becomes of a template, as a merge patch (RFC 7396): what is not said stays, null takes away."""

    description: str | UnsetType | None = UNSET
    defaults: dict[str, Any] | UnsetType = UNSET
    """By parameter."""
    shared: list[str] | UnsetType | None = UNSET
    team: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    """A whole new text; description and defaults are then changed in it."""
    message: str = ""


class TemplateChange(Told, frozen=True, kw_only=True):
    """What was done to a template, or would be."""

    name: str
    done: Done
    revision: int
    """The newest afterwards."""
    digest: str
    diff: str
    """The change of its text as a unified diff; empty where the text stays."""
    team: str
    shared: list[str]


class PushedFile(Asked, frozen=True, kw_only=True):
    """One file of a folder of templates."""

    path: str
    """What problems call it."""
    text: str


class TemplatePush(Asked, frozen=True, kw_only=True):
    """Several templates to create or revise: all of them, or none."""

    files: list[PushedFile]
    team: str = ""
    message: str = ""
    dry_run: bool = False


class TemplatesPushed(Told, frozen=True, kw_only=True):
    """What became of each file, in their order."""

    changes: list[TemplateChange]


class RevisionTold(Told, frozen=True, kw_only=True):
    """One revision: immutable, known by its digest."""

    number: int
    digest: str
    """SHA-256 of the text in UTF-8."""
    author: str
    created: str
    message: str
    approval: ApprovalTold


class RevisionText(RevisionTold, frozen=True, kw_only=True):
    """A revision with its text."""

    text: str


class RevisionDiff(Told, frozen=True, kw_only=True, rename={"from_": "from"}):
    """How one revision became another."""

    from_: int
    to: int
    diff: str
    """A unified diff; empty where the texts are the same."""


class PlanAsked(Asked, frozen=True, kw_only=True):
    """Parameters to plan a template with."""

    parameters: dict[str, Any] = field(default_factory=dict)
    """By name; words as on a command line, or values."""
    revision: int = 0
    """0 is the newest."""


class PlannedColumnTold(Told, frozen=True, kw_only=True):
    """What becomes of a column, and where it comes from."""

    name: str
    type: str
    mask: str | None
    why: str
    """Who decided: the place of a rule, the template, a default."""
    comes_from: list[str]
    """Columns of tables, as `schema.table.column`."""


class PlannedTableTold(Told, frozen=True, kw_only=True):
    """Rows for one table."""

    table: str
    rows: int | None
    """The engine's estimate, as for `bytes`; None where there is none, or the revision is not approved."""
    bytes: int | None
    columns: list[PlannedColumnTold]


class PlannedExportTold(Told, frozen=True, kw_only=True):
    """One export of a plan; what is empty does not concern it."""

    name: str
    type: Literal["query", "subset", "ddl", "files"]
    provider: str = ""
    sql: str = ""
    """As it will be sent; what preparations found stands in it as `IN (12 prepared values)`."""
    tables: tuple[PlannedTableTold, ...] = ()
    steps: tuple[str, ...] = ()
    """Of a subset: where it begins, what it follows down and up."""
    formats: tuple[str, ...] = ()
    sample_rate: float | None = None
    definitions: str = ""
    """Of a ddl export: `if-not-exists` or `drop-create`."""
    volume: str = ""
    paths: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    """Of a files export: words that choose among the files, such as `mtime:7`."""


class PlanTold(Told, frozen=True, kw_only=True):
    """What a package of these parameters would be made of. Nothing of production stands in it."""

    template: str
    revision: int
    digest: str
    parameters: dict[str, Any]
    stand_ins: list[str]
    """Parameters that were not given: invented values stand in for them here."""
    providers: dict[str, str]
    """By name: what the server says it is."""
    key: str
    """The identifier of the masking key."""
    policy: str
    """The digest of the policy."""
    exports: list[PlannedExportTold]
    warnings: list[str]
    approval: ApprovalTold
    seen: str
    """A digest of what an approval is bound to: text, policy, and what is read. An approval may repeat it."""


class SampledTable(Told, frozen=True, kw_only=True):
    """Masked rows of one table."""

    table: str
    columns: list[str]
    rows: list[list[Any]]
    more: bool
    """Whether the package of these limits holds more rows than are shown."""


class SampleTold(Told, frozen=True, kw_only=True):
    """A sample: made, masked and scanned as a package is, from few roots."""

    template: str
    revision: int
    digest: str
    stand_ins: list[str]
    tables: list[SampledTable]


class ApprovalAsked(Asked, frozen=True, kw_only=True):
    """An approval of one revision."""

    digest: str
    """Of the text that was looked at."""
    seen: str = ""
    """Of the plan that was looked at: with it, an approval is refused where policy or schema changed since."""
    ttl: str = ""
    """How long it holds (`30d`); at most, and by default, what the daemon's settings say."""
    message: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    """With which the plan is made that the approval is bound to; what is not given is invented."""


class RevocationAsked(Asked, frozen=True, kw_only=True):
    """Why an approval is taken back."""

    message: str = ""
