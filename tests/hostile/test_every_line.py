"""The security part of the quality page and the bad input of people and keys: where each line is tried.

A line without a test, or with one that is gone, fails here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LINES: dict[str, tuple[str, ...]] = {
    "a station's database role can do only what its functions allow, a probe of 60 statements or more": (
        "hub/test_probe.py::test_the_probe_is_long_enough",
        "hub/test_probe.py::test_a_station_may_not",
        "hub/test_probe.py::test_a_station_cannot_enter_another_database",
    ),
    "ticket codes: every single-bit flip, truncation, extension": (
        "unit/test_ticket_code.py::test_every_single_flipped_bit_is_refused",
        "unit/test_ticket_code.py::test_every_truncation_is_refused",
        "unit/test_ticket_code.py::test_every_extension_is_refused",
        "fuzz/test_fuzz.py::test_every_changed_bit_cut_and_extension_of_a_code_is_refused_at_the_gate",
        "hostile/test_tickets.py::test_every_bent_code_is_refused_and_the_straight_one_still_opens",
    ),
    "ticket codes: other event, other key, expired or revoked certificate": (
        "hostile/test_tickets.py::test_a_ticket_of_another_event_and_of_another_time_is_refused",
        "hostile/test_tickets.py::test_a_code_signed_with_a_key_of_one_s_own_opens_nothing",
        "hub/test_revoke.py::test_every_other_station_learns_it_with_the_next_pull",
        "services/test_may_sell.py::test_it_sells_to_the_end_of_its_certificate_and_no_further",
    ),
    "random and mutated inputs through decoder and parser, no exception": (
        "fuzz/test_fuzz.py::test_no_text_breaks_the_decoder_of_ticket_codes",
        "fuzz/test_fuzz.py::test_no_text_breaks_the_reader_of_entries",
        "fuzz/test_fuzz.py::test_no_reply_of_the_hub_breaks_a_station",
    ),
    "PIN: lock-out survives restart and clock change": (
        "hostile/test_pins.py::test_restarts_and_clock_changes_give_no_further_guesses",
        "hostile/test_pins.py::test_a_guess_is_counted_before_it_is_compared",
        "hostile/test_pins.py::test_pin_and_code_and_password_share_one_count",
    ),
    "PIN: same time for unknown users": (
        "hostile/test_pins.py::test_a_login_that_nobody_has_costs_the_same_work_the_first_time_and_later",
        "hostile/test_pins.py::test_what_is_said_about_a_wrong_pin_does_not_tell_who_exists",
    ),
    "text from outside is text: rich text off in every label": (
        "hostile/test_words_from_outside.py::test_no_label_of_any_screen_takes_its_text_for_markup",
    ),
    "CSV and XLSX cells cannot become formulas": (
        "hostile/test_words_from_outside.py::test_no_cell_can_become_a_formula",
        "hostile/test_words_from_outside.py::test_a_name_is_kept_clean_or_refused_in_words",
    ),
    "markup escaped in PDFs": (
        (
            "hostile/test_words_from_outside.py::"
            "test_a_catalogue_with_such_a_name_is_refused_whole_or_sold_and_printed_as_text"
        ),
    ),
    "control bytes stripped before a printer": (
        "hostile/test_words_from_outside.py::test_no_name_opens_the_drawer_of_a_receipt_printer",
        "devices/test_printers.py::test_a_name_cannot_open_the_drawer_or_cut_the_paper",
    ),
    "no secret, full ticket code or personal name in any log; DSNs are redacted": (
        "hostile/test_nothing_leaks.py::test_a_stolen_laptop_and_whoever_reads_along_get_nothing",
        "app/test_logs.py::test_no_secret_reaches_a_line_whatever_the_call",
        "app/test_bundle.py::test_nobodys_name_code_or_secret_is_in_it",
    ),
    "the data file shows no name, e-mail or code": (
        "hostile/test_nothing_leaks.py::test_a_stolen_laptop_and_whoever_reads_along_get_nothing",
        "cli/test_keys.py::test_the_folder_holds_no_secret_in_plain",
    ),
    "dependencies pinned with hashes; licences listed": (
        "hostile/test_supply.py::test_every_package_is_pinned_to_a_version_and_its_hashes",
        "hostile/test_supply.py::test_everything_that_the_program_names_is_locked",
        "unit/test_licences.py::test_every_locked_package_stands_on_the_page_of_licences",
    ),
    "a copied data folder": ("hostile/test_edited_files.py::test_a_copied_folder_opens_nowhere",),
    "an edited database file, any row, found at start or next push": (
        "hostile/test_edited_files.py::test_whatever_row_is_changed_with_the_right_key_is_found",
        "hostile/test_edited_files.py::test_a_journal_that_was_rewritten_is_found",
        "hostile/test_edited_files.py::test_the_hub_takes_no_rewritten_entry",
    ),
    "a journal with one byte flipped": (
        "hostile/test_edited_files.py::test_one_flipped_byte_anywhere_in_the_file_is_found",
    ),
    "an enrolment file used twice, its codes edited, too old or not all there": (
        "hostile/test_edited_files.py::test_an_enrolment_file_is_good_once_and_never_for_practice",
        "hostile/test_invitations.py::test_codes_that_were_filmed_join_nothing_once_the_file_was_used",
        "hostile/test_invitations.py::test_half_a_set_a_bent_code_and_a_stranger_s_code_are_refused_in_words",
        "unit/test_enrolment_codes.py::test_a_file_that_was_edited_makes_codes_that_are_refused_as_forged",
    ),
    "an order to purge that nobody gave": (
        "hub/test_purge.py::test_an_order_that_the_root_did_not_give_to_this_station_is_not_followed",
    ),
    "a role that loses its last admin": (
        "hostile/test_names_by_command.py::test_the_last_admin_stays",
        "services/test_people.py::test_the_last_admin_cannot_go_in_any_way",
        "unit/test_people.py::test_two_admins_who_remove_each_other_apart_leave_one",
    ),
    "names with markup, control bytes, bidi marks, 10,000 characters, emoji": (
        "hostile/test_words_from_outside.py::test_a_name_is_kept_clean_or_refused_in_words",
        "hostile/test_names_by_command.py::test_people_with_such_names_are_added_or_refused",
        "hostile/test_invitations.py::test_a_guest_s_name_and_a_reason_are_kept_clean_or_refused",
    ),
}


@cache
def written_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("line", LINES)
def test_every_line_is_tried_somewhere(line: str) -> None:
    assert LINES[line]
    for named in LINES[line]:
        file, _, test = named.partition("::")
        assert test in written_in(file), f"{named} is gone: {line}"
