package rules

import (
	"bytes"
	"slices"
	"strings"

	"why401/parsers"
)

// Rules see a text squashed: lower case, without blanks, '_', '-', quotes and
// backslashes, "n't" spelled out. So "token is expired", token_is_expired, TokenIsExpired and
// 'token' is expired read the same, whatever language wrote them.

const (
	maxText = 16 << 10 // of one field; of a longer one the two ends are read, where first and last lines are
	maxHay  = 4*maxText + 64
)

// span is a range of bytes.
type span struct{ from, to int }

// A hay is what a record's own words look like to rules: its fields one after
// another, squashed, a newline between two.
type hay struct {
	text []byte
	at   []int32 // where each byte of text stands in raw
	edge []bool  // a word begins here
	raw  []byte  // what text was made of, see outline

	may []uint64 // which patterns the index has seen

	reason, code, errorType, challenge, logger span // in text

	whys   [maxWhys]span // parts of reason that say why, the last first
	numWhy int
	why    span // the one that conditions look at
	narrow bool // they look at why instead of reason

	list   span // alternatives, empty if there are none
	listed bool // they have been looked for

	refused bool // the entry says that somebody was refused

	// What was asked of the record that is neither here nor in its rest.
	extras []extra
	aside  answer
}

// squashed maps a byte to what rules see of it; 0 is left out.
var squashed = func() (t [256]byte) {
	for i := range t {
		b := byte(i)
		switch {
		case 'A' <= b && b <= 'Z':
			t[i] = b | 0x20
		case b == '\n', b == figure, b > ' ' && b != 0x7f:
			t[i] = b
		}
	}
	for _, b := range []byte("_-\"'`\\") {
		t[b] = 0
	}
	return t
}()

// squash returns s as rules see it.
func squash(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch c := squashed[s[i]]; {
		case c == figure: // is no letter of a rule
		case c != 0:
			b.WriteByte(c)
		case s[i] == '\'' && contracted([]byte(s), i):
			if s[i-2]|0x20 == 'a' {
				b.WriteByte('n')
			}
			b.WriteByte('o')
		}
	}
	return b.String()
}

// Classes of bytes.
const (
	alnum   = 1 << iota // letters, digits and all beyond ASCII
	capital             // A to Z
	digit
)

var classes = func() (t [256]uint8) {
	for i := range t {
		switch b := byte(i); {
		case 'A' <= b && b <= 'Z':
			t[i] = alnum | capital
		case '0' <= b && b <= '9', b == figure:
			t[i] = alnum | digit
		case 'a' <= b && b <= 'z' || b >= 0x80:
			t[i] = alnum
		}
	}
	return t
}()

func isAlnum(b byte) bool { return classes[b]&alnum != 0 }

// fill squashes an outline.
func (h *hay) fill(o *outline) {
	h.text, h.at, h.edge, h.raw = h.text[:0], h.at[:0], h.edge[:0], append(h.raw[:0], o.text...)
	start := 0
	for i, s := range [...]*span{&h.reason, &h.code, &h.errorType, &h.challenge, &h.logger} {
		s.from = len(h.text)
		h.add(start, o.ends[i])
		s.to = len(h.text)
		h.text, h.at, h.edge = append(h.text, '\n'), append(h.at, int32(o.ends[i])), append(h.edge, true)
		start = o.ends[i] + 1
	}
	h.narrow, h.listed = false, false
	h.because()
}

// reasons are the words after which a text says why, squashed.
var reasons = [][]byte{[]byte("because"), []byte("dueto"), []byte("reason:"), []byte("reason="), []byte("reasonis"), []byte("causedby")}

// maxWhys is how many parts of a text are looked at alone.
const maxWhys = 5

// because finds the parts of the reason field that say why: what follows one of
// those words, a dash, an arrow or a colon before a blank, and what stands in parentheses.
func (h *hay) because() {
	h.numWhy = 0
	text, end := h.text[:h.reason.to], h.reason.to
	for i := len(text) - 1; i >= h.reason.from && h.numWhy < maxWhys; i-- {
		why := span{}
		switch text[i] {
		case ')':
			end = i
		case '(':
			why = span{i + 1, end}
			end = h.reason.to
		case ':':
			if next := int(h.at[i]) + 1; next < len(h.raw) && h.raw[next] == ' ' {
				why = span{i + 1, h.reason.to}
			}
		case 0xe2: // a dash or an arrow
			if bytes.HasPrefix(text[i:], []byte("—")) || bytes.HasPrefix(text[i:], []byte("–")) || bytes.HasPrefix(text[i:], []byte("›")) || bytes.HasPrefix(text[i:], []byte("→")) {
				why = span{i + len("—"), h.reason.to}
			}
		case 'b', 'd', 'r', 'c':
			for _, w := range reasons {
				if h.edge[i] && bytes.HasPrefix(text[i:], w) {
					why = span{i + len(w), h.reason.to}
				}
			}
		}
		if why.to-why.from >= shortestWhy {
			h.whys[h.numWhy] = why
			h.numWhy++
		}
	}
}

// shortestWhy is how many squashed bytes can say why.
const shortestWhy = 8

// message returns the words of an entry; where no format fitted it is all words.
func message(r *parsers.Record) []byte {
	if len(r.Message) == 0 && r.Format == nil {
		return r.Text
	}
	return r.Message
}

// errorType returns the class or name of the error, which a line may give where
// another has its logger: "TokenExpiredError: ...", "E_TOKEN_EXPIRED: ...".
func errorType(r *parsers.Record) []byte {
	if n := r.Logger; len(r.ErrorType) == 0 && len(n) > 4 && (errorName(n) || ofErrors(n) || bytes.IndexByte(n, '_') > 0 && !bytes.ContainsFunc(n, isLower)) {
		return n
	}
	return r.ErrorType
}

// errorName reports whether n ends as classes of errors do.
func errorName(n []byte) bool {
	switch n[len(n)-1] {
	case 'r':
		return bytes.HasSuffix(n, []byte("Error"))
	case 'n':
		return bytes.HasSuffix(n, []byte("Exception"))
	case 'd':
		return bytes.HasSuffix(n, []byte("Expired"))
	}
	return false
}

// ofErrors reports whether n names a package of errors before its last part, as
// Python's classes do: "itsdangerous.exc.BadSignature".
func ofErrors(n []byte) bool {
	i := bytes.LastIndexByte(n, '.')
	if i < 0 {
		return false
	}
	return bytes.HasSuffix(n[:i], []byte(".exc")) || bytes.HasSuffix(n[:i], []byte(".exceptions")) || bytes.HasSuffix(n[:i], []byte(".errors")) || bytes.HasSuffix(n[:i], []byte(".error"))
}

func isLower(c rune) bool { return 'a' <= c && c <= 'z' }

// keywords is the part of the text that a keyword may stand in.
func (h *hay) keywords() span { return span{0, h.challenge.to} }

// add squashes raw[from:to].
func (h *hay) add(from, to int) {
	b := h.raw[from:to]
	n := len(h.text)
	room := len(b) + len(b)/5 // "can't" becomes "cannot"
	h.text, h.at, h.edge = slices.Grow(h.text, room+1), slices.Grow(h.at, room+1), slices.Grow(h.edge, room+1)
	text, at, edge := h.text[:n+room], h.at[:n+room], h.edge[:n+room]
	var before byte // the byte before, as written
	for i, c := range b {
		if c == '\'' && contracted(b, i) {
			if n > 0 && b[i-2]|0x20 == 'a' {
				text[n], at[n], edge[n] = 'n', int32(from+i), false
				n++
			} else if n > 0 {
				edge[n-1] = true
			}
			text[n], at[n], edge[n] = 'o', int32(from+i), false
			n++
			before = b[i-1]
			continue
		}
		if out := squashed[c]; out != 0 {
			text[n], at[n], edge[n] = out, int32(from+i), starts(before, c, b[i+1:])
			n++
		}
		before = c
	}
	h.text, h.at, h.edge = text[:n], at[:n], edge[:n]
}

// escape reports whether b, which isn't empty, begins with an escaped newline or the
// like, which a format left in place.
func escape(b []byte) bool {
	return b[0] == '\\' && len(b) > 1 && (b[1] == 'n' || b[1] == 't' || b[1] == 'r')
}

// contracted reports whether the apostrophe at i stands for the 'o' of a "not":
// rules see "cannot" for "can't" and "do not" for "don't".
func contracted(b []byte, i int) bool {
	return i > 1 && b[i-1]|0x20 == 'n' && i+1 < len(b) && b[i+1]|0x20 == 't' && (i+2 == len(b) || !isAlnum(b[i+2])) && isAlnum(b[i-2])
}

// ends reports whether a sentence or line ends at text[i].
func (h *hay) ends(i int) bool {
	switch h.text[i] {
	case '\n', ';', '|':
		return true
	case '.':
		next := int(h.at[i]) + 1
		return next < len(h.raw) && h.raw[next] == ' '
	}
	return false
}

// sentenceEnds reports whether one ends in text[from:to].
func (h *hay) sentenceEnds(from, to int) bool {
	for ; from < to; from++ {
		if h.ends(from) {
			return true
		}
	}
	return false
}

// clause returns what stands around at, within gap bytes and in: up to the end of
// a sentence or line.
func (h *hay) clause(at, in span) span {
	out := at
	for out.from > max(in.from, at.from-gap) && !h.ends(out.from-1) {
		out.from--
	}
	for out.to < min(in.to, at.to+gap) && !h.ends(out.to) {
		out.to++
	}
	return out
}

// heads are nouns that what stands before them only describes: where the issuer
// of a token is wrong, the "token issuer" is, and not the token.
var heads = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`signature issuer audience subject scope scopes type claim claims endpoint algorithm lifetime
		agent group groups role roles store cache table service server page profile settings preferences avatar session sessions
		token tokens password passwords key keys certificate cert cookie user users permission permissions policy directory
		database provider header headers code secret file files bucket buffer replication widget pool import export`) {
		m[w] = true
	}
	return m
}()

// modifies reports whether the word that ends at text[i] describes the next one.
func (h *hay) modifies(i int) bool {
	to := i + 1
	for to < len(h.text) && !h.edge[to] && to-i <= 12 {
		to++
	}
	return to <= len(h.text) && heads[string(h.text[i:min(to, len(h.text))])]
}

// isKey reports whether what ends at text[i] names the value that follows.
func (h *hay) isKey(i int) bool { return i < len(h.text) && (h.text[i] == ':' || h.text[i] == '=') }

// value returns the value of the key that ends at text[i]: up to a comma, or to a
// blank where none follows the sign. A sentence may follow a colon.
func (h *hay) value(i int, in span) span {
	v := span{i + 1, i + 1}
	next := int(h.at[i]) + 1
	sentence := next < len(h.raw) && h.raw[next] == ' '
	for v.to < in.to && h.text[v.to] != ',' && (sentence || v.to == v.from || h.at[v.to] == h.at[v.to-1]+1 || h.raw[h.at[v.to]-1] != ' ') {
		v.to++
	}
	return v
}

// starts reports whether c after before begins a word: after what is no letter or
// digit, at a capital after a small letter or before one, between letters and
// digits, and where c begins a letter of Chinese, Japanese or Korean.
func starts(before, c byte, rest []byte) bool {
	if 0xe3 <= c && c <= 0xed { // the first byte of a Chinese, Japanese or Korean letter, whose words nothing parts
		return true
	}
	if (classes[before]&classes[c])&alnum == 0 {
		return true
	}
	if classes[c]&capital != 0 {
		return classes[before]&capital == 0 || len(rest) > 0 && 'a' <= rest[0] && rest[0] <= 'z'
	}
	return (classes[before]^classes[c])&digit != 0
}

// words returns the words around text[from:to], of the field that o is made of,
// cut at the ends of their clause and to a length that fits a line of a report.
func (h *hay) words(from, to int, o *outline) []byte {
	if from >= to || to > len(h.at) {
		return nil
	}
	const reach = 48
	raw, a := o.place(int(h.at[from]))
	_, z := o.place(int(h.at[to-1]))
	z = min(z+1, len(raw))
	stop := func(c byte) bool { return c == '\n' || c == '|' || c == '"' || c == ';' || c == ',' }
	low, high := max(0, a-reach), min(len(raw), z+reach)
	left := a
	for left > low && !stop(raw[left-1]) && !(raw[left-1] == ' ' && left > 1 && raw[left-2] == ':') {
		left--
	}
	if left == low && low > 0 { // don't begin within a word
		for left < a && raw[left-1] != ' ' {
			left++
		}
	}
	right := z
	for right < high && !stop(raw[right]) {
		right++
	}
	if right == high && high < len(raw) {
		for right > z && raw[right] != ' ' {
			right--
		}
	}
	return bytes.TrimSpace(raw[left:min(right, left+200)])
}
