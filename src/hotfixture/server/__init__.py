"""`mockcraft server`: invented values and seeding runs over HTTP; its settings, routes, jobs and their store.

`run.serve` starts it, `app.build` is the ASGI application alone. Everything here needs the extra `server`.
"""
