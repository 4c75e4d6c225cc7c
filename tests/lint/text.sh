#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shell scripts, Python programs and manual pages.

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/scratch.sh"

files() {
	find "$tree" -name .git -prune -o -type f -size -200k "$@" -print | sort
}

shell_scripts() {
	files | while read -r file; do
		if head -n 1 "$file" | tr -d '\0' |
		   grep -Eq '^#!/bin/(ba)?sh|^# shellcheck shell='; then
			printf '%s\n' "$file"
		fi
	done
}

test_shellcheck() {
	local scripts

	mapfile -t scripts < <(shell_scripts)
	[ ${#scripts[@]} -gt 5 ] || fail "found only ${scripts[*]}"
	cd "$tree" || fail "no tree"
	shellcheck -x -P SCRIPTDIR -e SC1091 "${scripts[@]}" ||
		fail "complaints"
}

test_shellcheck_complains() {
	# shellcheck disable=SC2016  # the literal is the point
	printf '#!/bin/bash\nrm -rf $1/*\n' >"$scratch/bad.sh"
	shellcheck "$scratch/bad.sh" && fail "bad script found good"
	return 0
}

python_programs() {
	files | while read -r file; do
		if [[ $file == *.py ]] || head -n 1 "$file" | tr -d '\0' |
		   grep -q '^#!/usr/bin/python3'; then
			printf '%s\n' "$file"
		fi
	done
}

test_python_compiles() {
	local programs

	mapfile -t programs < <(python_programs)
	/usr/bin/python3 -W error - "${programs[@]}" <<-'END' || fail "errors"
		import sys
		for name in sys.argv[1:]:
		    with open(name, encoding="utf-8") as file:
		        compile(file.read(), name, "exec")
	END
}

test_manual() {
	local pages

	mapfile -t pages < <(files -name '*.[1-9]')
	[ ${#pages[@]} -gt 0 ] || fail "no manual page"
	mandoc -T lint -W warning "${pages[@]}" || fail "complaints"
}

# Every file says under which terms it is given.
test_licence() {
	local bare

	bare=$(sources src include alg compat tools tests |
		xargs -d '\n' grep -L 'SPDX-License-Identifier')
	[ -z "$bare" ] || fail "without SPDX line: $bare"
	bare=$(shell_scripts | grep -v '/\.ci/run$' |
		xargs -d '\n' grep -L 'SPDX-License-Identifier')
	[ -z "$bare" ] || fail "without SPDX line: $bare"
}

ktap_run shellcheck shellcheck-complains python-compiles manual licence
