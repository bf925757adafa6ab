"""Fresh stores for the tests of everything above the stores.

A test, or what it is made of (a stage, an app, a site), asks `lending.fresh()` for the address of an empty store. Each room
has a usual kind; `pytest --store redis` gives it Redis instead. Whoever is about one kind of store names its address itself.
"""
