# SPDX-License-Identifier: Apache-2.0
"""`tocsin pattern check` and `match` as programs use them: a line in, a line out."""

import json
import subprocess
import tempfile
import unittest

from node import TOCSIN, main


def run(verb, lines, *args):
    text = "".join(json.dumps(x) + "\n" for x in lines)
    done = subprocess.run(
        [TOCSIN, "pattern", verb, "--lines", *args], input=text.encode(), stdout=subprocess.PIPE, check=False
    )
    return [json.loads(x) for x in done.stdout.splitlines()], done.returncode


def observed(number, second, **properties):
    sco = {"type": "x-thing", "id": f"x-thing--{number}", **properties}
    data = {
        "type": "observed-data",
        "id": f"observed-data--{number}",
        "first_observed": f"2024-05-01T10:00:{second:02}Z",
        "last_observed": f"2024-05-01T10:00:{second:02}Z",
        "number_observed": 1,
        "object_refs": [sco["id"]],
    }
    return {"type": "bundle", "id": f"bundle--{number}", "objects": [data, sco]}


class Patterns(unittest.TestCase):
    def test_each_line_is_checked_with_reason_and_position(self):
        answers, code = run("check", ["[a:b = 1]", "[a:b = ]", "[a:b MATCHES '(']", 7])
        self.assertEqual(answers[0], {"valid": True, "error": None, "position": None})
        self.assertEqual([a["valid"] for a in answers[1:]], [False, False, False])
        self.assertEqual([a["position"] for a in answers[1:]], [7, 15, 0])
        self.assertIn("a constant expected", answers[1]["error"])
        self.assertIn("not a regular expression", answers[2]["error"])
        self.assertEqual(code, 1)
        self.assertEqual(run("check", ["[a:b = 1]"]), ([answers[0]], 0))

    def test_the_version_decides_what_may_be_repeated(self):
        twice = "[a:b = 1] REPEATS 2 TIMES REPEATS 2 TIMES"
        self.assertFalse(run("check", [twice])[0][0]["valid"])
        self.assertTrue(run("check", [twice], "--spec", "2.0")[0][0]["valid"])
        self.assertTrue(run("check", [{"pattern": twice, "spec_version": "2.0"}])[0][0]["valid"])

    def test_a_match_names_its_witnesses(self):
        world = [observed(1, 1, v=1), observed(2, 3, v=2), observed(3, 9, v=1), observed(4, 11, v=2)]
        cases = [
            ("[x-thing:v = 2]", ["observed-data--2"]),
            ("[x-thing:v = 1] FOLLOWEDBY [x-thing:v = 2]", ["observed-data--1", "observed-data--2"]),
            ("[x-thing:v = 2] FOLLOWEDBY [x-thing:v = 1]", ["observed-data--2", "observed-data--3"]),
            ("([x-thing:v = 1] AND [x-thing:v = 2]) WITHIN 2 SECONDS", []),
            ("([x-thing:v = 1] AND [x-thing:v = 2]) WITHIN 2.1 SECONDS", ["observed-data--1", "observed-data--2"]),
            ("[x-thing:v = 1] REPEATS 3 TIMES", []),
            (
                "[x-thing:v > 0] REPEATS 4 TIMES WITHIN 11 SECONDS",
                [f"observed-data--{i}" for i in (1, 2, 3, 4)],
            ),
            (
                "[x-thing:v = 2] START t'2024-05-01T10:00:05Z' STOP t'2024-05-01T10:00:12Z'",
                ["observed-data--4"],
            ),
        ]
        answers, code = run("match", [{"pattern": p, "spec_version": "2.1", "observations": world} for p, _ in cases])
        for (pattern, witnesses), answer in zip(cases, answers, strict=True):
            self.assertEqual(
                answer, {"match": bool(witnesses), "witnesses": witnesses, "error": None}, pattern
            )
        self.assertEqual(code, 1)

    def test_one_bad_line_costs_no_other(self):
        good = {"pattern": "[x-thing:v = 1]", "observations": [observed(1, 1, v=1)]}
        late = observed(2, 2, v=1)
        late["objects"][0]["last_observed"] = "2024-04-01T00:00:00Z"
        lines = [good, {"pattern": "[x"}, {"pattern": "[a:b = 1]"}, {**good, "observations": [late]}, good]
        answers, _ = run("match", lines)
        self.assertEqual([a["match"] for a in answers], [True, False, False, False, True])
        self.assertEqual([bool(a["error"]) for a in answers], [False, True, True, True, False])
        self.assertIn("before first_observed", answers[3]["error"])

    def test_answers_come_before_the_input_ends(self):
        """A program may keep it running and ask one thing after another."""
        with subprocess.Popen(
            [TOCSIN, "pattern", "check", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as p:
            for _ in range(3):
                p.stdin.write(b'"[a:b = 1]"\n')
                p.stdin.flush()
                self.assertTrue(json.loads(p.stdout.readline())["valid"])
            p.stdin.close()
            self.assertEqual(p.wait(), 0)

    def test_a_regular_expression_that_explodes_is_cut_off_and_told(self):
        bomb = observed(1, 1, v="a" * 60 + "!")
        answers, _ = run("match", [{"pattern": "[x-thing:v MATCHES '^(a+)+$']", "observations": [bomb]}])
        self.assertFalse(answers[0]["match"])
        self.assertIn("passed a limit", answers[0]["error"])

    def test_a_line_without_end_is_refused_and_the_next_is_answered(self):
        with tempfile.TemporaryFile() as f:
            f.write(b'"')
            for _ in range(80):
                f.write(b"a" * (1 << 20))
            f.write(b'"\n"[a:b = 1]"\n')
            f.seek(0)
            done = subprocess.run(
                [TOCSIN, "pattern", "check", "--lines"], stdin=f, stdout=subprocess.PIPE, check=False
            )
        answers = [json.loads(x) for x in done.stdout.splitlines()]
        self.assertEqual([a["valid"] for a in answers], [False, True])

    def test_a_file_is_one_pattern(self):
        with tempfile.NamedTemporaryFile("w", suffix=".pattern") as f:
            f.write("[a:b = 1]\n  AND [a:b = 2]\n")
            f.flush()
            done = subprocess.run(
                [TOCSIN, "pattern", "check", f.name], stdout=subprocess.PIPE, check=False
            )
        self.assertTrue(json.loads(done.stdout)["valid"])
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    main()
