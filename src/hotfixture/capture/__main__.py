"""`python -m hotfixture.capture`: the same as `hfit capture`."""

from __future__ import annotations

from hotfixture.cli.hfit_capture import main

if __name__ == "__main__":
    main()
