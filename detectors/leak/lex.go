package leak

import "bytes"

// A field is a name, a separator and the start of a value, as they were read.
type field struct {
	lo, hi  int // the name
	class   class
	quoted  bool // the name stands in quotes
	query   bool // the name follows ? & ; or # as in a URL
	attr    bool // the value is the text of an XML element
	words   int  // words of prose between name and separator
	sep     byte // ':' '=' ',' '>' '|', ' ' for none
	spaced  bool // space after the separator
	v       int  // the value
	quote   byte // that opens the value
	level   int  // bytes of the opening quote: escapes make it longer
	bracket byte // that opens the value
	listed  bool // the field stands among others with "; " between, as cookies do
	whose   bool // "for" or "user" stood before the value
	is      bool // "is", "was" or "to" stood last before the value
	capital bool // the name is in capitals
	pair    bool // name and value were values themselves, of "name" and "value"
	flag    bool // an option's name, in quotes, before its value in a list of arguments
	tuple   bool // name and value stand alone in brackets: ("name", "value")
}

// afterName are the bytes that may follow a name which has a value.
var afterName = charset(" \t\r.:=>\"'`\\%[](),|-<&\x1b" + wideColon[:1])

// wideColon is the colon of Chinese and Japanese text.
const wideColon = "\uff1a"

// tableColumns stand between the columns of tables on terminals.
var tableColumns = [...]string{"\u2502", "\u2503", "\u2551"}

func isColumn(b []byte) bool {
	for _, c := range tableColumns {
		if hasPrefix(b, c) {
			return true
		}
	}
	return false
}

// separator reads what stands between the end of a name and its value. It
// reports false where there is no value.
func (s *Scanner) separator(f *field) bool {
	i := f.hi
	s.surroundings(f)
	if decided, ok := s.inElement(f); decided {
		return ok
	}
	if f.lo >= s.lo+9 && foldedAt(s.t[f.lo-9:], "variable=") { // ##vso[task.setvariable variable=token]x, of Azure Pipelines
		if e := bytes.IndexByte(s.t[i:min(i+40, s.hi)], ']'); e >= 0 {
			f.sep = '='
			return s.opener(i+e+1, f)
		}
	}
	if i+2 < s.hi && s.t[i] == '[' && isDigit(s.t[i+1]) && s.t[i+2] == ']' { // passwords[0]=x
		i += 3
	}
	closed := false
	for range 4 {
		c, n := s.at(i)
		if c == '"' || c == '\'' || c == '`' || c == ']' || c == ')' && f.quoted {
			closed = closed || c != ']'
			i += n
			continue
		}
		break
	}
	said := closed && !f.quoted // what closes here opened before the name: a sentence ends
	f.quoted = f.quoted && closed
	if i+1 < s.hi && f.quoted && s.t[i] == '>' && s.t[i+1] == '>' { // <<"name">> of Erlang
		i += 2
	}
	if decided, ok := s.nextElement(f, i); decided {
		return ok
	}
	j := s.spaces(i)
	c, n := s.at(j)
	if c == '.' && j == i && j+5 < s.hi && string(s.t[j:j+4]) == "...." { // password........"x"
		for j < s.hi && s.t[j] == '.' {
			j++
		}
		f.sep = '='
		return j < s.hi && s.t[j] != ' ' && s.opener(j, f)
	}
	switch c {
	case '(': // Password(x), a value of a type with that name
		if j != i || !s.constructed(f, j+n) {
			return false
		}
		f.sep, j = '=', j+n
	case ':', '=':
		if c == '=' && j == i && s.padding(f, i+n) {
			return false
		}
		f.sep = c
		j += n
		if d, m := s.at(j); d == '>' || d == '=' && c != '=' || d == '~' {
			j += m
		} else if d == '=' && c == '=' {
			j += m
		} else if d == ' ' && c == '=' && s.isOption(f.lo) { // --passphrase= can be used
			return false
		} else if e := s.typed(j); c == ':' && !f.quoted && e > 0 { // password: str = "x"
			f.sep, j = '=', e
		}
	case tableColumns[0][0]:
		if !isColumn(s.t[j:s.hi]) {
			return false
		}
		f.sep = '|'
		j += len(tableColumns[0])
	case wideColon[0]:
		if !bytes.HasPrefix(s.t[j:s.hi], []byte(wideColon)) {
			return false
		}
		f.sep = ':'
		j += len(wideColon)
	case '-':
		if d, m := s.at(j + n); d != '>' {
			return false
		} else {
			f.sep, j = '=', j+n+m
		}
	case ',':
		before := byte(0)
		if f.lo > s.lo {
			before = s.t[f.lo-1]
		}
		f.tuple = before == '{' || f.quoted && s.tupleOpens(f.lo)
		if !f.quoted && before != '{' && before != '(' && before != '[' && !s.keyBefore(f.lo) {
			return false
		}
		f.sep, j = ',', j+n
	case ';': // s:8:"password";s:4:"..." of PHP
		e := j + n
		if !f.quoted || e+3 >= s.hi || s.t[e] != 's' || s.t[e+1] != ':' || !isDigit(s.t[e+2]) {
			return false
		}
		for e += 2; e < s.hi && isDigit(s.t[e]); {
			e++
		}
		if e >= s.hi || s.t[e] != ':' {
			return false
		}
		f.sep, j = '=', e+1
	case '|':
		f.sep, j = '|', j+n
	case '.': // (password . "x") of Lisp
		if d, _ := s.at(s.spaces(j + n)); j == i || d != '"' {
			return false
		}
		f.sep, j = '=', j+n
	case '\n', 0:
		if n < 2 || !s.keyBefore(f.lo) {
			return false
		}
		if !f.quoted { // - name: X\n  value: x
			if v, ok := s.valueKey(s.spaces(j+n), f); ok {
				f.pair, f.sep = true, '='
				return s.opener(v, f)
			}
			return false
		}
		for c == '\n' && n > 1 { // a part of a form: its value follows an empty line
			j += n
			c, n = s.at(j)
		}
		f.sep, f.v = '=', j
		return j < s.hi && s.t[j] != '"' // else it closes the line in its wrapping
	default:
		if j == i || said {
			return false
		}
		f.sep = ' '
		if s.isOption(f.lo) || f.hi-f.lo > 2 && hasPrefix(s.t[f.lo:f.hi], "--") {
			f.sep = '='
			break
		}
		if c == '"' || c == '\'' || c == '`' || f.quoted && !isAlpha(c) {
			if c == '`' && s.t[f.hi-1]|0x20 == 'y' { // identified by `id`: code in a text, no string of SQL
				return false
			}
			break
		}
		if j = s.prose(j, f); j < 0 {
			return false
		}
	}
	return s.opener(j, f)
}

// isOption reports whether the name at i is that of an option: --name.
func (s *Scanner) isOption(i int) bool {
	return i >= s.lo+2 && s.t[i-1] == '-' && s.t[i-2] == '-'
}

// typed returns where "=" ends behind the type of a variable, which begins at i, when
// a string's quote follows: name: str = "x" of Python, TypeScript, Kotlin, Rust. Else 0.
func (s *Scanner) typed(i int) int {
	n := bytes.IndexByte(s.t[i:min(i+40, s.hi)], '=')
	if n < 4 || s.t[i+n-1] != ' ' {
		return 0
	}
	i = s.spaces(i)
	e := i
	for e < s.hi && (wordChar[s.t[e]] || bytes.IndexByte([]byte(".?[]<>&|' "), s.t[e]) >= 0) {
		e++
	}
	if e+2 >= s.hi || e-i < 3 || s.t[e] != '=' || !isAlpha(s.t[i]) && s.t[i] != '&' {
		return 0
	}
	v := s.spaces(e + 1)
	if w := s.wrapper(min(v, s.hi-1)); w > 0 {
		v = w
	}
	if c, n := s.at(v); n > 0 && (c == '"' || c == '\'') {
		return e + 1
	}
	return 0
}

// surroundings looks at what stands around f's name.
func (s *Scanner) surroundings(f *field) {
	f.quoted, f.query = s.before(f.lo)
	open := f.lo // where the name begins, with what belongs to it
	for open > s.lo && f.lo-open < 2 && s.t[open-1] == '-' {
		open--
	}
	if open < f.lo {
		f.flag, _ = s.before(open)
		f.quoted = f.quoted || f.flag
	}
	f.listed = f.lo >= s.lo+2 && s.t[f.lo-1] == ' ' && s.t[f.lo-2] == ';'
}

// inElement reads the value of f where its name is that of an XML element, escaped
// perhaps. It reports whether that decides, and whether there is a value.
func (s *Scanner) inElement(f *field) (decided, ok bool) {
	if f.lo > s.lo && (s.t[f.lo-1] == '<' || s.t[f.lo-1] == ':' && s.xmlPrefix(f.lo-1)) {
		if v, ok := s.element(f.hi); v > 0 {
			f.sep, f.attr, f.v = '>', true, v
			return true, ok
		}
	}
	if c, n := s.at(f.hi); c == '>' && n > 1 && s.escapedOpen(f.lo) { // &lt;name&gt;x&lt;/name&gt;
		f.sep, f.attr, f.v = '>', true, f.hi+n
		_, n = s.at(s.valueEnd(f, endOfToken))
		c, _ = s.at(s.valueEnd(f, endOfToken) + n)
		return true, c == '/'
	}
	return false, false
}

// nextElement reads the value of f, whose name ends at i, where the name is the text
// or an attribute of an XML element. It reports what inElement does.
func (s *Scanner) nextElement(f *field, i int) (decided, ok bool) {
	if c, n := s.at(i); c == '<' && f.lo > s.lo && s.t[f.lo-1] == '>' { // <name>x</name><value>
		if e := bytes.IndexByte(s.t[i:min(i+40, s.hi)], '>'); e > 0 && s.t[i+n] == '/' {
			j := s.spaces(i + e + 1)
			for c, n := s.at(j); c == '\n' && n > 1; c, n = s.at(j) {
				j = s.spaces(j + n)
			}
			if j < s.hi && s.t[j] == '<' && (foldedAt(s.t[j+1:s.hi], "value") || foldedAt(s.t[j+1:s.hi], "string>")) {
				if e := bytes.IndexByte(s.t[j:min(j+60, s.hi)], '>'); e > 0 {
					f.sep, f.attr, f.v, f.pair = '>', true, j+e+1, true
					if foldedAt(s.t[f.v:s.hi], "<string>") { // XML-RPC
						f.v += len("<string>")
					}
					return true, true
				}
			}
		}
		return true, false
	}
	if c, n := s.at(i); c == '>' && n == 1 && f.quoted && bytes.HasSuffix(bytes.TrimRight(s.t[max(s.lo, f.lo-72):f.lo], "\\\"'"), []byte("=")) { // <entry key="x">
		if e := bytes.IndexByte(s.t[i:s.hi], '<'); e > 1 && i+e+1 < s.hi && s.t[i+e+1] == '/' {
			f.sep, f.attr, f.v = '>', true, i+1
			return true, true
		}
	}
	return false, false
}

// padding reports whether the "=" before i is that of base64 which seems to end in
// f's name: nothing follows, and what lies before is a run of all kinds of letters.
func (s *Scanner) padding(f *field, i int) bool {
	if f.quoted || i < s.hi && (tokenChar[s.t[i]] && s.t[i] != '=' || f.hi-f.lo > 48) {
		return false
	}
	lo := f.hi
	var digit, small, large bool
	for lo > s.lo && f.hi-lo < 64 && b64Char(s.t[lo-1]) {
		lo--
		c := s.t[lo]
		digit, small, large = digit || isDigit(c), small || c >= 'a' && c <= 'z', large || c >= 'A' && c <= 'Z'
	}
	return f.hi-lo >= 16 && digit && small && large
}

// constructed reports whether one value and nothing else stands in the brackets that
// open before i, after the name of a type.
func (s *Scanner) constructed(f *field, i int) bool {
	if f.quoted || !(s.t[f.lo] >= 'A' && s.t[f.lo] <= 'Z') || f.lo > s.lo && (s.t[f.lo-1] == '.' || s.t[f.lo-1] == '#') {
		return false
	}
	e := i
	for e < s.hi && e-i < 512 && !endOfToken[s.t[e]] {
		e++
	}
	v := s.t[i:e]
	return e < s.hi && s.t[e] == ')' && len(v) >= 8 && (chosen(v) || assess(v) >= tokenLike) && !isPath(v) && bytes.IndexByte(v, '=') < 0
}

// tupleOpens reports whether a bracket stands before the quotes that open at i.
func (s *Scanner) tupleOpens(i int) bool {
	for i > s.lo && i > s.lo-40 {
		i--
		switch s.t[i] {
		case '"', '\'', '\\', 'b', '<', ' ', '#':
			continue
		case '(', '[', '{':
			return true
		}
		return false
	}
	return false
}

// tupleCloses reports whether a bracket stands after the quotes that close at i.
func (s *Scanner) tupleCloses(i int) bool {
	for range 6 {
		c, n := s.at(i)
		switch c {
		case '"', '\'', '>':
			i += n
			continue
		case ')', ']', '}':
			return true
		}
		return false
	}
	return false
}

// element returns where the text of the XML element begins whose name ends at i,
// and whether it is text alone.
func (s *Scanner) element(i int) (v int, ok bool) {
	n := bytes.IndexByte(s.t[i:min(i+160, s.hi)], '>')
	if n < 0 || s.t[i] == ':' || s.t[i] != ' ' && bytes.IndexByte(s.t[i:i+n], '=') >= 0 {
		return 0, false
	}
	v = i + n + 1
	e := bytes.IndexByte(s.t[v:s.hi], '<')
	return v, s.t[v-2] != '/' && e > 0 && v+e+1 < s.hi && s.t[v+e+1] == '/'
}

// escapedOpen reports whether an escaped "<" ends at i.
func (s *Scanner) escapedOpen(i int) bool {
	for n := 3; n <= 7 && i-n >= s.lo; n++ {
		if c := s.t[i-n]; c == '\\' || c == '%' || c == '&' {
			d, m := s.at(i - n)
			return d == '<' && m == n
		}
	}
	return false
}

// xmlPrefix reports whether "<" and a namespace prefix end at the colon at i.
func (s *Scanner) xmlPrefix(i int) bool {
	for j := i - 1; j >= s.lo && j > i-24; j-- {
		if s.t[j] == '<' {
			return true
		}
		if !wordChar[s.t[j]] {
			return false
		}
	}
	return false
}

// before looks at the character that stands before a name.
func (s *Scanner) before(lo int) (quoted, query bool) {
	if lo == s.lo {
		return false, false
	}
	switch c := s.t[lo-1]; c {
	case '"', '\'', '`':
		return true, false
	case '?', '&', ';', '#':
		if c == '#' && lo >= s.lo+2 && (s.t[lo-2] == '"' || s.t[lo-2] == '\'') { // a selector of CSS
			return true, false
		}
		return false, true
	}
	for n := 2; n <= 6 && lo-n >= s.lo; n++ {
		if c := s.t[lo-n]; c == '\\' || c == '%' || c == '&' && s.t[lo-1] == ';' {
			d, m := s.at(lo - n)
			if m == n || n >= 5 && m >= n {
				switch d {
				case '"', '\'':
					return true, false
				case '?', '&', ';', '#':
					return false, true
				}
			}
			return false, false
		}
	}
	return false, false
}

// spaces skips blanks.
func (s *Scanner) spaces(i int) int {
	for range 40 {
		c, n := s.at(i)
		if c != ' ' && c != '\t' || n == 0 {
			break
		}
		i += n
	}
	return i
}

// escaped reports whether the field's separator was percent-encoded, so that an
// encoded character ends its value.
func (f *field) escaped(s *Scanner) bool { return s.t[f.hi] == '%' || s.t[f.hi] == '\\' }

// special are the bytes that at doesn't return as they are, and quotes.
var special = charset("\\%\x1b&=\r\"'`")

// What ends a bare value.
var (
	endOfToken    = charset("\x00 \t\r\n\"'`,;)]}|<>&[({")
	endOfPassword = charset("\x00 \t\r\n\"'`,;)]}<>&|")
	endOfQuery    = charset("\x00 \t\r\n\"'`&<>;,)]}|#?")
	endOfHeader   = charset("\x00\n\r\"'`|")
)

func charset(chars string) *[256]bool {
	var m [256]bool
	for i := range len(chars) {
		m[chars[i]] = true
	}
	return &m
}
