package leak

import (
	"bytes"
	"strings"
)

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

func nameChar(c byte) bool { return wordChar[c] || c == '.' }

// readName finds the bounds of the name that holds the word w at p.
func (s *Scanner) readName(p int, w *word) (lo, hi int) {
	if w.act == actForeign {
		return p, p + len(w.text)
	}
	lo = p
	for lo < s.hi && !isAlnum(s.t[lo]) && !(s.t[lo] == '.' || s.t[lo] == '_' || s.t[lo] == '-') {
		lo++
	}
	hi = lo
	for lo > s.lo && p-lo < 64 && nameChar(s.t[lo-1]) {
		lo--
	}
	lo = s.afterEscape(lo, hi)
	if text := strings.TrimRight(w.text, " \"|"); strings.IndexByte(text, ' ') > 0 { // a name of two words; "|" is a folded backslash
		hi = p + len(text)
	}
	for hi < s.hi && nameChar(s.t[hi]) {
		hi++
	}
	for hi > lo && (s.t[hi-1] == '.' || s.t[hi-1] == '-') {
		hi--
	}
	for lo < hi && (s.t[lo] == '-' || s.t[lo] == '.') {
		lo++
	}
	return lo, hi
}

// name reads the field whose name holds the word w at p, and judges its value.
func (s *Scanner) name(p int, w *word) {
	if p < s.named {
		return
	}
	if w.pair {
		s.named = p + len(w.text)
		if n := bytes.IndexByte(s.t[s.named:min(s.hi, s.named+80)], '['); n > 1 && hasPrefix([]byte(w.text), "login ") && w.text != "login attempt" { // the reason stands before
			s.pair(s.named + n)
			return
		}
		if s.named < s.hi && isAlpha(s.t[s.named]) { // user/password
			for s.named < s.hi && isAlpha(s.t[s.named]) {
				s.named++
			}
			if s.named < s.hi && s.t[s.named] == '@' {
				return
			}
		}
		s.pair(s.named)
		return
	}
	lo, hi := s.readName(p, w)
	if hi <= lo {
		return
	}
	s.named = hi
	if hi < s.hi && (!afterName[s.t[hi]] || s.t[hi] == ':' && lo >= s.lo+2 && s.t[lo-1] == '/' && s.t[lo-2] == '/') {
		return
	}
	f := field{lo: lo, hi: hi, class: password}
	if w.act != actForeign {
		f.class = s.classify(s.t[lo:hi])
	}
	if f.class == noSecret || f.class == nonces || lo > s.lo && s.t[lo-1] == '/' && hi < s.hi && s.t[hi] == ' ' {
		return
	}
	if lo > s.lo+3 && s.t[lo-1] == ' ' && w.act == actName {
		f.class = s.afterWord(f.class, lo, hi)
		if f.class == nonces {
			return
		}
	}
	f.capital = s.t[hi-1] < 'a'
	if lo > s.lo+4 && s.t[lo-1] == ':' && s.inARN(lo) {
		return
	}
	if !s.separator(&f) {
		s.backwards(&f)
		s.dangle(&f)
		return
	}
	if f.class == loose && !f.quoted && f.hi < s.hi && !s.inKey(&f) {
		switch n := f.hi - 5; {
		case foldedAt(s.t[max(f.lo, n):f.hi], "creds"), f.hi-f.lo >= 11 && foldedAt(s.t[f.hi-11:f.hi], "credentials"):
			s.pair(f.hi)
		}
	}
	if n := f.v + len("redacted"); f.quote != 0 && n < s.hi && s.t[n] == f.quote && foldedAt(s.t[f.v:n], "redacted") {
		return // the usual, judged fast
	}
	if f.class == secret && f.sep == ' ' && s.ofRouter(lo) {
		f.class = password
	}
	if f.quote != 0 && f.sep == ' ' && f.words == 0 && f.class == password { // password "Auth" "x", of OpenVPN's management
		_, _, next := s.argument(f.v - f.level)
		if c, n := s.at(s.spaces(next)); c == f.quote && next < s.hi && n == f.level && s.t[next] == ' ' {
			f.v = s.spaces(next) + n
		}
	}
	if (f.quote == 0 || f.words > 0) && s.changed(&f) {
		return
	}
	s.judge(&f)
}

// afterWord is the class of the name t[lo:hi], of class c, that stands after another
// word: csrf token, one-time password.
func (s *Scanner) afterWord(c class, lo, hi int) class {
	from := lo - 1
	for from > s.lo && lo-from < 16 && (isAlpha(s.t[from-1]) || s.t[from-1] == '-') {
		from--
	}
	var buf [48]byte
	switch w := foldName(buf[:0], s.t[from:hi]); {
	case c == token && hi-lo == len("token"):
		for _, i := range suffixesBy['n'] {
			if x := &suffixes[i]; x.class == nonces && string(w) == x.text {
				return nonces
			}
		}
	case c == password && hasPrefix(w, "onetime"):
		return otp
	}
	return c
}

// ofRouter reports whether what stands before i makes a command of a router's
// configuration: username bob secret x.
func (s *Scanner) ofRouter(i int) bool {
	before := s.t[max(s.lo, i-64):i]
	return bytes.Contains(before, []byte("username ")) || bytes.HasSuffix(before, []byte("enable "))
}

// changed judges both values of a change, which configuration management reports, and
// people: changed 'x' to 'y'. It reports false where there is none.
func (s *Scanner) changed(f *field) bool {
	v, i := *f, f.v
	if f.quote == 0 {
		if !foldedAt(s.t[i:s.hi], "changed ") {
			return false
		}
		i = s.spaces(i + len("changed "))
		if foldedAt(s.t[i:s.hi], "from ") {
			i = s.spaces(i + len("from "))
		}
		c, n := s.at(i)
		if c != '\'' && c != '"' {
			return true
		}
		v.v, v.quote, v.level = i+n, c, n
	}
	end := s.valueEnd(&v, endOfToken)
	_, n := s.at(end)
	to := s.spaces(end + n)
	if f.quote != 0 && !(f.words > 0 && foldedAt(s.t[to:s.hi], "to ")) {
		return false
	}
	if v.sep, v.words = '=', 0; end > v.v {
		s.judge(&v)
	}
	if foldedAt(s.t[to:s.hi], "to ") {
		to = s.spaces(to + len("to "))
		if c, n := s.at(to); c == v.quote {
			v.v, v.level = to+n, n
			s.judge(&v)
		}
	}
	return true
}

// pairWords announce a name and a password.
var pairWords = set("login attempt,user/pass,login ok,login incorrect,addauth digest,user.info", ",")

// inARN reports whether the name at lo is a part of an ARN: arn:aws:...:secret:name.
func (s *Scanner) inARN(lo int) bool {
	for i := lo; i > s.lo && lo-i < 80; i-- {
		switch c := s.t[i-1]; {
		case c == ' ' || c == '"' || c == '\'':
			return foldedAt(s.t[i:], "arn:")
		case i-1 == s.lo:
			return foldedAt(s.t[i-1:], "arn:")
		}
	}
	return false
}

// afterName are the bytes that may follow a name which has a value.
var afterName = charset(" \t\r.:=>\"'`\\%[](),|-<&\x1b" + wideColon[:1])

// wideColon is the colon of Chinese and Japanese text.
const wideColon = "\uff1a"

// tableColumn stands between the columns of tables on terminals.
const tableColumn = "\u2502"

// fillers are words that may stand between a name and its value.
var fillers = set("value values header headers is was provided given supplied received sent used using with set to as content raw string field param parameter got presented "+
	"has generated created issued new temporary contains equals found rejected invalid expired unknown malformed the following now has been for http request by user client be from account key ist est es not reset changed updated written assigned para pour utilisateur usuario benutzer", " ")

var fillerShapes = shapesOf(fillers)

// valueKeys are the names that stand for a value beside "name" or "key".
var valueKeys = set("value values val stringvalue arrayvalue raw rawvalue text content v valstr bytesvalue parametervalue", " ")

var valueKeyShapes = shapesOf(valueKeys)

func isValueKey(name []byte) bool { return valueKeyShapes.may(name) && valueKeys[string(name)] }

// typeKeys are the types that Avro and DynamoDB put around a string.
var typeKeys = set("string S", " ")

var valueKeyStart = charset("vVsSaArRtTcCbBpP")

// separator reads what stands between the end of a name and its value. It
// reports false where there is no value.
func (s *Scanner) separator(f *field) bool {
	i := f.hi
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
	if f.lo > s.lo && (s.t[f.lo-1] == '<' || s.t[f.lo-1] == ':' && s.xmlPrefix(f.lo-1)) {
		if v, ok := s.element(i); v > 0 {
			f.sep, f.attr, f.v = '>', true, v
			return ok
		}
	}
	if c, n := s.at(i); c == '>' && n > 1 && s.escapedOpen(f.lo) { // &lt;name&gt;x&lt;/name&gt;
		f.sep, f.attr, f.v = '>', true, i+n
		_, n = s.at(s.valueEnd(f, endOfToken))
		c, _ = s.at(s.valueEnd(f, endOfToken) + n)
		return c == '/'
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
					return true
				}
			}
		}
		return false
	}
	if c, n := s.at(i); c == '>' && n == 1 && f.quoted && bytes.HasSuffix(bytes.TrimRight(s.t[max(s.lo, f.lo-72):f.lo], "\\\"'"), []byte("=")) { // <entry key="x">
		if e := bytes.IndexByte(s.t[i:s.hi], '<'); e > 1 && i+e+1 < s.hi && s.t[i+e+1] == '/' {
			f.sep, f.attr, f.v = '>', true, i+1
			return true
		}
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
		}
	case tableColumn[0]:
		if !bytes.HasPrefix(s.t[j:s.hi], []byte(tableColumn)) {
			return false
		}
		f.sep = '|'
		j += len(tableColumn)
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
		if f.lo >= s.lo+2 && s.t[f.lo-1] == '-' && s.t[f.lo-2] == '-' || f.hi-f.lo > 2 && hasPrefix(s.t[f.lo:f.hi], "--") {
			f.sep = '='
			break
		}
		if c == '"' || c == '\'' || c == '`' || f.quoted && !isAlpha(c) {
			break
		}
		if j = s.prose(j, f); j < 0 {
			return false
		}
	}
	return s.opener(j, f)
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

// prose skips the words of a sentence between a name and its value: it returns
// the place after the separator, or of the value where there is none, or -1.
func (s *Scanner) prose(i int, f *field) int {
	whose, form, comma := false, false, false
	for range 6 {
		from := i
		i = s.spaces(i)
		e := i
		for e < s.hi && e-i < 32 && wordChar[s.t[e]] {
			e++
		}
		if e == i {
			c, n := s.at(i)
			switch c {
			case '"', '\'', '`':
				if i == from && f.words > 0 { // it closes the sentence
					return -1
				}
				if v := s.afterWhose(i, whose); v > 0 {
					f.is, whose, i = true, false, v
					continue
				}
				if whose || form { // it names the user, or the field
					return -1
				}
				return i
			case '[', '(', '<':
				return i
			case ':', '=':
				f.sep = c
				return i + n
			case ',': // SECRET not set, generated x
				if next := s.spaces(i + n); f.words > 0 && (foldedAt(s.t[next:s.hi], "generated ") || foldedAt(s.t[next:s.hi], "using ")) {
					comma = true
					i += n
					continue
				}
			case '+': // the number of a telephone
				if whose {
					for i++; i < s.hi && isDigit(s.t[i]); {
						i++
					}
					whose = false
					continue
				}
			}
			return -1
		}
		var buf [32]byte
		folded := lower(append(buf[:0], s.t[i:e]...))
		filler := fillerShapes.may(folded) && fillers[string(folded)]
		if whose && !filler { // root@localhost
			for e < s.hi && e-i < 64 && (wordChar[s.t[e]] || s.t[e] == '@' || s.t[e] == '.' && e+1 < s.hi && wordChar[s.t[e+1]]) {
				e++
			}
		}
		if !filler && !whose && !(e-i <= 2 && isDigit(folded[0])) {
			if j := s.spaces(e); j > e && j+1 < s.hi && s.t[j] == '=' && s.t[j+1] == ' ' && f.words == 0 { // PASSWORD elastic = x
				f.sep = '='
				return j + 1
			}
			return i
		}
		if whose && !filler && e < s.hi && s.t[e] == '=' { // the next field: user id=7
			return -1
		}
		w := string(folded)
		f.whose = f.whose || w == "for"
		whose = w == "user" || w == "account" || w == "for" || whose && w == "the"
		f.is = w == "is" || w == "was" || w == "to" || w == "generated" || w == "using" && comma
		form = f.class == password && (w == "field" || w == "param")
		if f.words == 0 && e-i == 1 && isDigit(w[0]) && (f.class == password || f.class == secret) { // password 0 x: how a router stores it
			f.class = password
		} else {
			f.words++
		}
		i = e
		c, n := s.at(i)
		if c == ':' || c == '=' {
			f.sep = c
			return i + n
		}
	}
	return -1
}

// afterWhose returns where "to" or "is" begins after the quoted name of a user at i:
// password for user "bob" to "x".
func (s *Scanner) afterWhose(i int, whose bool) int {
	if !whose {
		return 0
	}
	_, hi, next := s.argument(i)
	if next <= hi || next >= s.hi {
		return 0
	}
	if s.t[next] == '@' { // 'bob'@'localhost'
		if _, _, next = s.argument(next + 1); next >= s.hi {
			return 0
		}
	}
	if j := s.spaces(next); s.t[min(j, s.hi-1)] == '=' {
		return j + 1
	}
	if j := s.spaces(next); foldedAt(s.t[j:s.hi], "to ") || foldedAt(s.t[j:s.hi], "is ") || foldedAt(s.t[j:s.hi], "is:") {
		return j
	}
	return 0
}

// opener skips what opens a value: blanks, brackets, quotes, the prefixes of
// strings in Python, Rust and SQL, and the key "value" of a name-and-value pair.
func (s *Scanner) opener(i int, f *field) bool {
	for range 24 {
		c, n := s.at(i)
		switch {
		case n == 0:
			return false
		case c == '\n':
			if n > 1 && f.quote == 0 {
				return false
			}
			return false
		case c == ' ' || c == '\t':
			f.spaced = true
			i += n
			continue
		case c == '<' && i+2 < s.hi && s.t[i+1] == '<' && (s.t[i+2] == '"' || s.t[i+2] == '\\'): // a string of Erlang
			i += 2
			continue
		case c == '{' && hashScheme(s.t[i:s.hi]):
			f.v = i
			return true
		case c == '[' || c == '(' || c == '{':
			f.bracket = c
			i += n
			if c == '[' && i < s.hi && s.t[i] == ']' { // []string{ of Go
				i = s.typeEnd(i + 1)
			}
			continue
		case c == '"' || c == '\'' || c == '`':
			if e, ok := s.valueKey(i+n, f); ok {
				i = e
				f.pair = true
				continue
			}
			if f.quote != 0 && f.level >= n || f.quote != 0 && f.quote != c {
				f.v = i
				return true
			}
			if f.query && i+n < s.hi && s.t[i+n] == ' ' { // it closes the URL's own quotes
				return false
			}
			f.quote, f.level, f.v = c, n, i+n
			if d, m := s.at(f.v); d == '"' || d == '\'' { // an empty string, or one quoted twice
				if m > n || d != c {
					i += n
					continue
				}
				return false
			}
			return true
		case (c == 'b' || c == 'u' || c == 'r' || c == 'N') && i+1 < s.hi && (s.t[i+1] == '"' || s.t[i+1] == '\'' || s.t[i+1] == '\\'):
			i++
			continue
		case c == '0' && f.quote == 0 && s.pointer(i) > 0: // password = 0x55a2 "x" of a debugger
			i = s.pointer(i)
			f.spaced = true
			continue
		case isAlpha(c) && f.quote == 0:
			if f.sep == ',' || f.sep == ' ' || f.quoted {
				if e, ok := s.valueKey(i, f); ok {
					i = e
					f.pair = true
					continue
				}
			}
			if e := s.wrapper(i); e > 0 {
				i = e
				continue
			}
		}
		f.v = i
		return f.v < s.hi
	}
	return false
}

// pointer returns where the string begins after its address, at i, 0 for none.
func (s *Scanner) pointer(i int) int {
	if i+3 >= s.hi || s.t[i+1] != 'x' {
		return 0
	}
	e := i + 2
	for e < s.hi && e-i < 20 && isHex(s.t[e]) {
		e++
	}
	if c, _ := s.at(e + 1); e > i+2 && e < s.hi && s.t[e] == ' ' && c == '"' {
		return e + 1
	}
	return 0
}

// typeEnd skips the name of a type at i.
func (s *Scanner) typeEnd(i int) int {
	e := i
	for e < s.hi && e-i < 32 && (isAlnum(s.t[e]) || s.t[e] == '.') {
		e++
	}
	return e
}

// hashScheme reports whether v begins with the scheme of a hashed password, {SSHA}
// (RFC 2307 section 5.3).
func hashScheme(v []byte) bool {
	n := bytes.IndexByte(v[:min(len(v), 16)], '}')
	return n > 0 && n+8 < len(v) && v[n+1] != ' ' && (isHash(v) || hasPrefix(v, "{cipher}") || foldedAt(v[1:], "md5}"))
}

// valueKey skips the key "value" and its separator.
func (s *Scanner) valueKey(i int, f *field) (int, bool) {
	e := i
	for e < s.hi && e-i < 16 && wordChar[s.t[e]] {
		e++
	}
	var buf [16]byte
	if e == i || e-i < 3 && e-i != 1 || !valueKeyStart[s.t[i]] || !isValueKey(foldName(buf[:0], s.t[i:e])) && (f.bracket != '{' || !typeKeys[string(s.t[i:e])]) {
		return 0, false
	}
	for range 3 {
		c, n := s.at(e)
		switch c {
		case '"', '\'', '`', ' ':
			e += n
			continue
		case ':', '=':
			return e + n, true
		}
		return 0, false
	}
	return 0, false
}

// constructors are the constructors that debug output puts around a string.
var (
	constructors     = []string{"slice(", "some(", "just ", "string(", "optional(", "str(", "ok(", "secret(", "secretstr(", "secretstring(", "text(", "sensitive(", "protected(", "password(", "token("}
	constructorStart = charset("sSjJoOtTpP")
)

const longestConstructor = len("secretstring(")

// wrapper skips the constructors that debug output puts around a string.
func (s *Scanner) wrapper(i int) int {
	if !constructorStart[s.t[i]] {
		return 0
	}
	if foldedAt(s.t[i:s.hi], "string(") { // var_dump: string(12) "x"
		j := i + len("string(")
		for j < s.hi && isDigit(s.t[j]) {
			j++
		}
		if j > i+len("string(") && j < s.hi && s.t[j] == ')' {
			return j + 1
		}
	}
	e := i
	for e < s.hi && e-i < longestConstructor && isAlpha(s.t[e]) {
		e++
	}
	if e >= s.hi || s.t[e] != '(' && s.t[e] != ' ' {
		return 0
	}
	for _, w := range constructors {
		if len(w) == e+1-i && foldedAt(s.t[i:s.hi], w) {
			return e + 1
		}
	}
	return 0
}

// valueEnd returns the end of f's value: the closing quote, or the first
// character that ends a bare value of its kind.
func (s *Scanner) valueEnd(f *field, stop *[256]bool) int {
	i, hi := f.v, min(s.hi, f.v+maxValue)
	if f.quote == 0 && stop == endOfHeader {
		return s.headerEnd(f)
	}
	if f.attr {
		for i < hi {
			c, n := s.at(i)
			if n == 0 || c == '<' {
				return i
			}
			i += n
		}
		return hi
	}
	for i < hi {
		t := s.t[i:hi]
		n := 0
		for n < len(t) && !special[t[n]] && (f.quote != 0 || !stop[t[n]]) {
			n++
		}
		i += n
		c, n := s.at(i)
		if n == 0 {
			break
		}
		if f.quote != 0 {
			if c == f.quote && n <= f.level {
				return i
			}
		} else if stop[c] && (n == 1 || s.t[i] != '%' || c == '\n' || c == '"' || f.escaped(s)) {
			return i
		}
		i += n
	}
	return min(i, hi)
}

// headerEnd returns the end of a bare header value: the line's, or a quote's that
// opened before the header. Quotes after "=" belong to its parameters.
func (s *Scanner) headerEnd(f *field) int {
	hi := min(s.hi, f.v+maxValue)
	if f.attr {
		if n := bytes.IndexByte(s.t[f.v:hi], '<'); n >= 0 {
			return f.v + n
		}
	}
	var last, inside byte
	for i := f.v; i < hi; {
		n := i
		for n < hi && plainHeader[s.t[n]] {
			n++
		}
		if n > i {
			i, last = n, s.t[n-1]
			continue
		}
		c, n := s.at(i)
		switch {
		case n == 0 || c == '\n' || c == 0 || c == '|' && n == 1 && f.class != cookies:
			return i
		case inside != 0 && c == inside:
			inside = 0
		case inside == 0 && (c == '"' || c == '\'' || c == '`'):
			if d, m := s.at(i + n); last != '=' || m == 0 || d == ',' || d == '}' || d == ']' || d == ')' || isSpace(d) {
				return i
			}
			inside = c
		}
		last = c
		i += n
	}
	return hi
}

// plainHeader are the bytes of a header's value that at returns as they are and
// that end nothing.
var plainHeader = charset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ;,:.-_+/*()")

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
