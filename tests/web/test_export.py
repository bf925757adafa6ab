from __future__ import annotations

import csv
import io
import json

import pytest

from horizon.web import export

ROWS = [{"id": 1, "text": "plain"}, {"id": 2, "text": 'a "quoted", two\nlines'}, {"id": 3}]


def read(app, make) -> str:
    with app.test_request_context():
        return make().get_data(as_text=True)


def test_a_csv_file_has_a_line_of_names_and_one_row_for_each_item(app):
    text = read(app, lambda: export.stream_csv("things", ["id", "text"], ROWS))
    assert list(csv.reader(io.StringIO(text))) == [["id", "text"], ["1", "plain"], ["2", 'a "quoted", two\nlines'], ["3", ""]]


def test_a_json_file_is_one_array(app):
    assert json.loads(read(app, lambda: export.stream_json("things", ROWS))) == ROWS


@pytest.mark.parametrize("count", [0, 1, export.PIECE, export.PIECE + 1])
def test_files_of_any_length_are_whole(app, count):
    rows = [{"n": n} for n in range(count)]
    assert json.loads(read(app, lambda: export.stream_json("numbers", rows))) == rows
    assert len(read(app, lambda: export.stream_csv("numbers", ["n"], rows)).splitlines()) == count + 1


def test_the_browser_saves_it_under_a_name(app):
    with app.test_request_context():
        assert export.stream_csv("things", ["id"], []).headers["Content-Disposition"] == 'attachment; filename="horizon-things.csv"'
        assert export.stream_json("things", []).headers["Content-Disposition"] == 'attachment; filename="horizon-things.json"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(start):
    assert export.cell(f"{start}cmd") == f"'{start}cmd"
    assert export.cell([f"{start}cmd", "b"]) == f"'{start}cmd, b"


def test_numbers_stay_numbers_below_zero_too():
    assert export.cell(-10) == "-10"
    assert export.cell(0.5) == "0.5"


def test_what_has_parts_is_json_and_a_list_of_words_reads_as_one():
    assert export.cell(["mail", "user:1"]) == "mail, user:1"
    assert export.cell({"type": "KeyError"}) == '{"type": "KeyError"}'
    assert export.cell(True) == "true"
    assert export.cell(None) == ""


def test_halves_of_characters_do_not_break_the_file_off(app):
    rows = [{"text": "half \udc80"}]
    assert json.loads(read(app, lambda: export.stream_json("things", rows))) == rows
    assert "\\udc80" in read(app, lambda: export.stream_csv("things", ["text"], rows))


def test_a_failure_before_the_first_row_is_raised_and_not_sent_as_half_a_file(app):
    def rows():
        raise LookupError("the store does not answer")
        yield {}

    with app.test_request_context(), pytest.raises(LookupError):
        export.stream_csv("things", ["id"], rows())


def test_rows_are_read_only_as_they_are_sent(app):
    read_so_far = []

    def rows():
        for n in range(10 * export.PIECE):
            read_so_far.append(n)
            yield {"n": n}

    with app.test_request_context():
        export.stream_json("numbers", rows())
    assert len(read_so_far) <= 2 * export.PIECE


def test_a_list_is_read_page_by_page_to_its_end():
    pages = {None: ([1, 2], "b"), "b": ([3], "c"), "c": ([], None)}
    assert list(export.paged(lambda cursor: pages[cursor])) == [1, 2, 3]
