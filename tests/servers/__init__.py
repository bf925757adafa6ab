"""Real servers for the tests: PostgreSQL, MariaDB, Redis, Redis 6.2 and Valkey.

Started when first asked for, one of each per process of pytest, on free loopback ports in temporary folders, as an ordinary
user where the server refuses root. What the machine itself runs is left alone.

Fixtures (in `fixtures.py`): `postgres`, `mariadb`, `redis_server`, `redis_62`, `valkey` give the address of a fresh, empty
database; `own_server(Postgres, ...)` starts a server for one test alone, which may stop, kill and restart it.
"""
