"""Making tables where each statement commits by itself, and an upgrade may have stopped half-way.

What stands already is left as it is, and what is gone already is no fault, so that an interrupted upgrade, or a way back, goes on
where it was.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Table, inspect

COLLATIONS = {True: "utf8mb4_nopad_bin", False: "utf8mb4_0900_bin"}
"""Of MariaDB (True) and MySQL: bytes are compared, trailing spaces as well."""
ONLY_PENDING = "state = 1"


def adapt(impl: Any) -> None:
    """Let one run of Alembic make tables and indexes so; `impl` is its `DefaultImpl`."""
    make_table = impl.create_table

    def create_table(table: Table, **options: Any) -> None:
        if inspect(impl.connection).has_table(table.name):
            return
        collation = COLLATIONS[bool(impl.connection.dialect.is_mariadb)]
        for key, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", collation), ("row_format", "DYNAMIC")):
            table.kwargs[f"{impl.connection.dialect.name}_{key}"] = value
        make_table(table, **options)

    def create_index(index: Index, **options: Any) -> None:
        table = index.table.name  # type: ignore[union-attr]
        if all(one["name"] != index.name for one in inspect(impl.connection).get_indexes(table)):
            impl.execute(_create(index, table))

    add = impl.add_column

    def add_column(table: str, column: Column[Any], **options: Any) -> None:
        if all(one["name"] != column.name for one in inspect(impl.connection).get_columns(table)):
            add(table, column, **options)

    drop = impl.drop_table

    def drop_table(table: Table, **options: Any) -> None:
        if inspect(impl.connection).has_table(table.name):
            drop(table, **options)

    impl.create_table, impl.create_index, impl.add_column, impl.drop_table = create_table, create_index, add_column, drop_table


def _create(index: Index, table: str) -> str:
    """There are no indexes over some of the rows here: one over all of them begins with what tells them apart."""
    columns = [column.name for column in index.columns]
    where = index.dialect_options["sqlite"]["where"]
    if where is not None and str(where) == ONLY_PENDING:
        columns.insert(0, "state")
    named = ", ".join(f"`{column}`" for column in columns)
    return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX `{index.name}` ON `{table}` ({named})"
