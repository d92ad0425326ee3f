package leak

import "bytes"

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
	if w.phrase > 0 {
		hi = p + int(w.phrase)
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
	if f.class >= apiKey && f.class <= password && s.hopeless(&f) {
		return
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

// hopeless reports whether what follows f's name can be no credential, which what
// judges values would find too, but later: a word of a sentence, or too short a token.
func (s *Scanner) hopeless(f *field) bool {
	i := f.hi + 1
	if i >= s.hi || f.lo > s.lo && s.t[f.lo-1] == '-' {
		return false
	}
	switch s.t[f.hi] {
	case ' ':
		if f.lo > s.lo && s.t[f.lo-1] != ' ' || f.class == secret && s.ofRouter(f.lo) {
			return false
		}
		e := i
		for e < s.hi && e-i < 16 && s.t[e] >= 'a' && s.t[e] <= 'z' {
			e++
		}
		w := s.t[i:e]
		if e-i < 4 || e+1 >= s.hi || string(w) == "just" || fillerShapes.may(w) && fillers[string(w)] {
			return false
		}
		return s.t[e] == ' ' && isAlpha(s.t[e+1]) || s.t[e] == ':' && s.t[e+1] == ' ' && !isValueKey(w)
	case '=':
		if f.class == password {
			return false
		}
		e := i
		for e < s.hi && e-i < shortestToken && isAlnum(s.t[e]) {
			e++
		}
		return e > i && e-i < shortestToken && e < s.hi && (s.t[e] == '&' || s.t[e] == '\n')
	}
	return false
}

// afterWord is the class of the name t[lo:hi], of class c, that stands after another
// word: csrf token, one-time password.
func (s *Scanner) afterWord(c class, lo, hi int) class {
	from := lo - 1
	for from > s.lo && lo-from < 16 && (isAlpha(s.t[from-1]) || s.t[from-1] == '-') {
		from--
	}
	var buf [48]byte
	switch {
	case c == token && hi-lo == len("token"):
		if w := foldName(buf[:0], s.t[from:hi]); nonceShapes.may(w) && nonceTokens[string(w)] {
			return nonces
		}
	case c == password && s.t[lo-2]|0x20 == 'e' && hasPrefix(foldName(buf[:0], s.t[from:hi]), "onetime"):
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
