"""What tables of this store are made of: portable types of columns, tables with our prefix, indexes over some rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text, text
from sqlalchemy.dialects.mysql import LONGBLOB, LONGTEXT

PREFIX = "horizon_"
VERSION_TABLE = "horizon_alembic_version"

Long = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits. SQLite's integers always are, and only a column declared INTEGER can be its row number."""
Small = SmallInteger()
Bytewise = Text(collation="C")
Word = String(255).with_variant(Bytewise, "postgresql")
"""A name, compared byte for byte; on MySQL and MariaDB whole tables are, see `mysql/ddl.py`."""
Id = String(36).with_variant(Bytewise, "postgresql")
Prose = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
Bytes = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")

metadata = MetaData()


def table(name: str, *columns: Column[Any] | Index, **options: Any) -> Table:
    """One of ours."""
    return Table(PREFIX + name, metadata, *columns, **options)


def col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> Column[Any]:
    """A column; those of a key number themselves only where `auto` says so."""
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return Column(name, kind, primary_key=key, nullable=null, **numbered)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows. MySQL, which has none, indexes every row; see `mysql/ddl.py`."""
    return Index(PREFIX + name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def index(name: str, *columns: str, unique: bool = False) -> Index:
    """An index over all rows."""
    return Index(PREFIX + name, *columns, unique=unique)
