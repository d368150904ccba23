"""What a client offers, by the kind of thing: `client.templates.list()`, awaited or not as the client is."""

from __future__ import annotations

from hotfixture.client import calls_of_packages as packages
from hotfixture.client import calls_of_sources as sources
from hotfixture.client import calls_of_templates as templates
from hotfixture.client.offers import C_co, Offer, Resource


class Templates(Resource[C_co]):
    """Templates, their revisions and approvals."""

    list = Offer(templates.listed)
    create = Offer(templates.create)
    show = Offer(templates.show)
    update = Offer(templates.update)
    patch = Offer(templates.patch)
    delete = Offer(templates.delete)
    push = Offer(templates.push)
    history = Offer(templates.history)
    diff = Offer(templates.diff)
    plan = Offer(templates.plan)
    sample = Offer(templates.sample)
    approve = Offer(templates.approve)
    revoke = Offer(templates.revoke)


class Packages(Resource[C_co]):
    """Packages: requested, watched, cancelled."""

    list = Offer(packages.listed)
    request = Offer(packages.request)
    show = Offer(packages.show)
    cancel = Offer(packages.cancel)
    manifest = Offer(packages.manifest)


class Providers(Resource[C_co]):
    """Databases that packages are made of."""

    list = Offer(sources.providers)
    databases = Offer(sources.databases)
    tables = Offer(sources.tables)
    rows = Offer(sources.rows)


class Volumes(Resource[C_co]):
    """Places that files are read from."""

    list = Offer(sources.volumes)
