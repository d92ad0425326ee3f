package rules

import (
	"bytes"
	"slices"
	"strings"

	"why401/parsers"
)

// Much of what stands in logs is said by programs that let nobody in: compilers,
// tests, shells, the kernel's guards, databases that repeat a statement, lists of
// changes. Their entries are known by how they are made, whatever words they hold.

// aside reports whether r is such an entry. One with the status or outcome of a
// failure never is.
func aside(r *parsers.Record) bool {
	if r.Status >= 400 || r.Outcome == parsers.Failure || len(r.Challenge) > 0 {
		return false
	}
	m := message(r)
	m = bytes.TrimLeft(m[:min(len(m), maxAside)], " \t")
	return begins(m) || position(m) || specified(m, r) || statement(m) || guarded(m) || filed(m) || posted(m) || chatted(m, r)
}

// maxAside is how much of an entry is looked at.
const maxAside = 400

// begins reports whether m begins as what a test runner, a playbook or a shell
// says, or the title of a change (conventionalcommits.org).
func begins(m []byte) bool {
	for _, p := range beginnings {
		if bytes.HasPrefix(m, []byte(p)) {
			return true
		}
	}
	word, rest, _ := bytes.Cut(m, []byte(" "))
	if len(word) < 2 || len(rest) == 0 {
		return false
	}
	if string(word) == "*" || string(word) == "-" { // of a list of changes
		word, _, _ = bytes.Cut(rest, []byte(" "))
	}
	if word[len(word)-1] != ':' {
		return false
	}
	word = bytes.TrimSuffix(word[:len(word)-1], []byte("!"))
	if i := bytes.IndexByte(word, '('); i > 0 && word[len(word)-1] == ')' {
		word = word[:i]
	}
	word = bytes.TrimPrefix(word, []byte("-"))
	return slices.Contains(titles, string(word))
}

var beginnings = []string{
	"✓ ", "✔ ", "√ ", "✗ ", "✘ ", "✖ ", "× ", "❯ ", "○ ", "--- PASS", "--- FAIL", "--- SKIP", "=== ", "PASS ", "OK (", "Scenario: ", "Feature: ", // tests
	"TASK [", "PLAY [", "ok: [", "changed: [", "skipping: [", // Ansible
	"See ", "# ", "## ", "### ", "* fix", "- fix", "- Fixed", "* Fixed", "- Added", "- Changed", "- Removed",
}

var titles = strings.Fields("sh bash dash zsh ksh ash csh tcsh fish fix feat docs chore refactor test build ci perf style revert Fixed Added Changed Removed Example example")

// position reports whether m begins with a place in a source file, as diagnostics
// of compilers and linters do: a name with line and column, "a.go:41:9:",
// "a.ts(41,7):", or with a line and the kind of diagnostic, "a.py:41: error:".
func position(m []byte) bool {
	word, rest, _ := bytes.Cut(m, []byte(" "))
	dot := bytes.LastIndexByte(word, '.')
	if dot <= 0 {
		return false
	}
	i := dot + 1
	for i < len(word) && isAlnum(word[i]) {
		i++
	}
	if i == dot+1 || i-dot > 6 || i >= len(word) {
		return false
	}
	line, between, column := number(word[i+1:])
	switch {
	case line == 0:
		return false
	case word[i] == '(':
		return between == ',' && column > 0
	case word[i] != ':':
		return false
	case column > 0:
		return between == ':'
	}
	kind, _, _ := bytes.Cut(rest, []byte(" "))
	return between == ':' && slices.Contains([]string{"error:", "warning:", "note:", "fatal:", "info:"}, string(kind))
}

// number reads one number or two with a sign between them, and returns how many
// digits each has.
func number(b []byte) (first int, between byte, second int) {
	for first < len(b) && classes[b[first]]&digit != 0 {
		first++
	}
	if first == len(b) {
		return first, 0, 0
	}
	for k := first + 1; k < len(b) && classes[b[k]]&digit != 0; k++ {
		second++
	}
	return first, b[first], second
}

// specified reports whether m is a sentence of a specification, as test runners
// print them: an entry of no layout that begins with what a subject "returns" or
// "rejects", or that ends with a test's verdict.
func specified(m []byte, r *parsers.Record) bool {
	if r.Format != nil {
		return false
	}
	word, rest, _ := bytes.Cut(bytes.TrimPrefix(m, []byte("- ")), []byte(" "))
	if slices.Contains(specifying, string(word)) {
		return true
	}
	if bytes.Contains(word, []byte("Test")) && (bytes.HasPrefix(rest, []byte("> ")) || bytes.HasPrefix(rest, []byte(":"))) {
		return true
	}
	switch string(word) {
	case "Passed", "Skipped", "Failed", "PASSED", "FAILED", "SKIPPED": // "Passed Shop.Tests.X [3 ms]", "FAILED tests/test_x.py::test_y"
		name, after, _ := bytes.Cut(rest, []byte(" "))
		return bytes.HasPrefix(after, []byte("[")) || bytes.Contains(name, []byte("::"))
	}
	return false
}

var specifying = strings.Fields("should returns rejects responds refuses denies redirects raises throws shows allows accepts fails requires it Given When Then And")

// statement reports whether m is a statement of SQL, or tells of one.
func statement(m []byte) bool {
	if i := bytes.IndexByte(m, ':'); i > 0 && i < 24 && i+2 < len(m) && m[i+1] == ' ' { // "LOG:  statement: ..."
		if rest := bytes.TrimLeft(m[i+1:], " "); len(rest) > 0 && classes[rest[0]]&capital != 0 {
			m = rest
		}
	}
	verb, rest, _ := bytes.Cut(m, []byte(" "))
	object, _, _ := bytes.Cut(rest, []byte(" "))
	switch string(verb) {
	case "CREATE", "ALTER", "DROP":
		return len(object) > 2 && !bytes.ContainsFunc(object, isLower)
	case "SELECT":
		return bytes.Contains(rest, []byte(" FROM "))
	case "INSERT":
		return string(object) == "INTO"
	case "DELETE":
		return string(object) == "FROM"
	case "UPDATE":
		return bytes.Contains(rest, []byte(" SET "))
	}
	return false
}

// guarded reports whether m is a word of the kernel's security modules about a
// program: those let no user in.
func guarded(m []byte) bool {
	for _, w := range guards {
		if bytes.Contains(m, []byte(w)) {
			return true
		}
	}
	return false
}

var guards = []string{"avc: ", `apparmor="`, "SELinux is preventing ", "type=SECCOMP "}

// filed reports whether m says of a file, by its path or quoted name, that the
// operating system denies it (EACCES, EPERM): a matter of the program that speaks.
// Files that hold credentials are another matter.
func filed(m []byte) bool {
	for _, says := range denials {
		i := bytes.Index(m, []byte(says))
		if i < 3 {
			continue
		}
		before := bytes.TrimRight(m[:i], " :")
		if bytes.HasSuffix(before, []byte("(13")) || bytes.HasSuffix(before, []byte("[Errno 13]")) || bytes.HasSuffix(before, []byte("[")) {
			return !bytes.Contains(m, []byte("htpasswd")) && !bytes.Contains(m, []byte("keytab")) // an error's number, or its name in brackets
		}
		if len(before) == i || bytes.Contains(before, []byte("htpasswd")) || bytes.Contains(before, []byte("keytab")) {
			continue
		}
		last := before[len(before)-1]
		if last == '\'' || last == '"' {
			q := bytes.LastIndexByte(before[:len(before)-1], last)
			return q >= 0 && bytes.IndexByte(before[q:], '/') > 0
		}
		word := before[bytes.LastIndexByte(before, ' ')+1:]
		if slash := bytes.IndexByte(word, '/'); slash >= 0 && slash < 3 && !bytes.Contains(word, []byte("//")) {
			return true
		}
	}
	return false
}

var denials = []string{"Permission denied", "permission denied", "Operation not permitted", "operation not permitted"}

// posted reports whether m is what Postfix's cleanup says of a line of a mail that
// header_checks or body_checks ask for: "4F1C: warning: header Subject: text from
// client; from=<...>". Whoever sends a mail writes it.
func posted(m []byte) bool {
	_, rest, ok := bytes.Cut(m, []byte(": "))
	if !ok {
		return false
	}
	action, rest, ok := bytes.Cut(rest, []byte(": "))
	if !ok || !slices.Contains(actions, string(action)) {
		return false
	}
	return bytes.HasPrefix(rest, []byte("header ")) || bytes.HasPrefix(rest, []byte("body ")) ||
		bytes.HasPrefix(rest, []byte("mime-header ")) || bytes.HasPrefix(rest, []byte("nested-header "))
}

// actions are header_checks(5)'s, as cleanup writes them.
var actions = strings.Fields("info warning reject discard filter hold prepend redirect replace strip bcc delay pass")

// chatted reports whether r is what people say to each other: an entry of a logger
// or kind named for that, or "<kim> text" as games and chat rooms write it.
func chatted(m []byte, r *parsers.Record) bool {
	for _, word := range chats {
		if bytes.EqualFold(r.Logger, []byte(word)) || len(m) > len(word) && m[len(word)] == ':' && bytes.EqualFold(m[:len(word)], []byte(word)) {
			return true
		}
	}
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if a.Kind != parsers.String || a.Parent >= 0 || len(a.Value) > 32 {
			continue
		}
		switch string(a.Key) {
		case "type", "event", "kind", "event_type", "channel", "category":
			if slices.ContainsFunc(chats, func(w string) bool { return bytes.EqualFold(a.Value, []byte(w)) }) {
				return true
			}
		}
	}
	return false
}

var chats = strings.Fields("chat chat_message chat.message chatmessage irc comment comments")
