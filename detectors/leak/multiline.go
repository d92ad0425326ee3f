package leak

import (
	"bytes"

	"why401/detectors"
	"why401/parsers"
)

// maxBack is how many lines a value's line looks back for what announced it. With
// parsers.LookBehind it bounds what a line's result depends on, so that cuts
// between blocks change nothing.
const maxBack = 16

type openKind uint8

const (
	nameOpen      openKind = iota + 1 // a name without a value
	pairOpen                          // a name that was itself a value: "key: authorization"
	statementOpen                     // an SQL statement whose parameters come later
	listOpen                          // an element of a list of R
	hexdumpOpen                       // a hexdump that spoke of a header
	pemOpen                           // a private key
	spokenOpen                        // "please use the following password"
	formOpen                          // a part of a form, whose value follows an empty line
	wrappedOpen                       // a token that ended with its line
	partOpen                          // a credential that a container's log driver cut in two
)

// A dangling is what a line leaves for those after it.
type dangling struct {
	kind  openKind
	left  int // lines that may still answer
	from  int // the line that opened it
	at    int // the line that was looked at last
	class class
	seen  bool // the empty line of a form
}

// leave opens the line that is being read for an answer.
func (s *Scanner) leave(kind openKind, lines int, c class) {
	s.open = dangling{kind: kind, left: lines, from: s.lo, at: s.lo, class: c}
}

// dangle notes that a field's value must stand on a later line.
func (s *Scanner) dangle(f *field) {
	if f.class != declared && (f.class < authHeader || f.class > password || f.class == cookies || f.class == challenge) {
		return
	}
	i := f.hi
	for range 4 {
		if c, n := s.at(i); n > 0 && (c == '"' || c == '\'' || c == ']') {
			i += n
		}
	}
	i = s.spaces(i)
	c, n := s.at(i)
	if f.hi < s.hi && s.t[f.hi] == '"' && s.hi-f.hi < 128 { // the line's own, in its wrapping
		if _, end := s.content(s.lo, s.hi); end == f.hi {
			c = '\n'
		}
	}
	switch c {
	case ':', '=':
		i += n
		quotes := 0
		for range 6 {
			c, n := s.at(i)
			if n == 0 || c == '\n' {
				s.leave(nameOpen, 3, f.class)
				return
			}
			if c == '"' || c == '\'' {
				if quotes++; quotes == 2 { // an empty string
					return
				}
			}
			if c != ' ' && c != '[' && c != '"' && c != '\'' && c != '\\' && c != '>' && c != '{' && c != '|' && c != '(' {
				return
			}
			i += n
		}
	case ',', '\n', '<':
		if c == '\n' && f.lo > s.lo && s.t[f.lo-1] == '$' { // $password\n[1] "x" of R
			s.leave(listOpen, 1, f.class)
			return
		}
		if c == '\n' && f.quoted && bytes.Contains(s.t[s.lo:f.lo], []byte("form-data")) {
			s.leave(formOpen, 4, f.class)
		} else if f.quoted || c == '\n' && s.keyBefore(f.lo) || c == '<' {
			s.leave(pairOpen, 3, f.class)
		}
	}
}

// keyBefore reports whether "key" or "name" and a separator stand before i.
func (s *Scanner) keyBefore(i int) bool {
	b := bytes.TrimRight(s.t[max(s.lo, i-24):i], " \t\"':=\\>")
	return len(b) >= 3 && (foldedAt(b[len(b)-3:], "key") || len(b) >= 4 && foldedAt(b[len(b)-4:], "name"))
}

// resume lets the lines up to the one that holds p answer what is open.
func (s *Scanner) resume(p int) {
	for s.open.left > 0 {
		next := s.hi + 1
		if s.open.at != s.lo {
			n := bytes.IndexByte(s.t[s.open.at:s.end], '\n')
			if n < 0 {
				return
			}
			next = s.open.at + n + 1
		}
		if next > p || next >= s.end {
			return
		}
		s.line(next)
		o := s.open
		s.open.left--
		s.open.at = next
		if s.hi-s.open.from > parsers.LookBehind {
			s.open = dangling{}
			return
		}
		s.answer(&o)
	}
}

// answer judges the line that is being read as the answer to o.
func (s *Scanner) answer(o *dangling) {
	if o.kind == hexdumpOpen {
		s.hexdump()
		return
	}
	lo, hi := s.content(s.lo, s.hi)
	v := s.t[lo:hi]
	switch o.kind {
	case pairOpen:
		for _, k := range [...]string{"value", "Value", "val"} {
			if n := bytes.Index(v, []byte(k)); n >= 0 && n < 40 {
				f := field{lo: lo + n, hi: lo + n + len(k), class: o.class, quoted: true}
				i := s.closers(f.hi)
				if c, n := s.at(i); c == ':' || c == '=' || c == '>' {
					f.sep = c
					if s.opener(i+n, &f) {
						s.judge(&f)
					}
				}
				s.open = dangling{}
				return
			}
		}
	case statementOpen:
		s.boundLater(lo, hi)
	case listOpen:
		s.open = dangling{}
		f := field{lo: lo, hi: lo, class: o.class, quoted: true, sep: '='}
		if hasPrefix(v, "[1] ") && s.opener(lo+len("[1] "), &f) && f.quote != 0 {
			s.judge(&f)
		}
	case nameOpen:
		if len(bytes.TrimSpace(v)) == 0 {
			return
		}
		f := field{lo: lo, hi: lo, class: o.class, quoted: true, sep: ':'}
		if c := bytes.IndexByte(v, ':'); c > 0 && c < 40 && !bytes.ContainsAny(v[:c], " \"'") { // another header
			s.open = dangling{}
			return
		}
		if v[0] == '{' || v[0] == '<' || isPair(v) || bytes.Count(v, []byte(",")) > 1 && v[0] != '"' { // another record
			s.open = dangling{}
			return
		}
		if v[0] == '-' && len(v) > 1 && v[1] == ' ' {
			lo += 2
		}
		if o.class == password && (bytes.IndexByte(v, ' ') >= 0 || !mixed(v) || len(v) < 6 || len(v) > 48) { // a prompt's next line
			s.open = dangling{}
			return
		}
		if s.opener(lo, &f) {
			s.judge(&f)
		}
		s.open = dangling{}
	case spokenOpen:
		for len(v) > 2 && (v[0] == '<' || v[0] == '>' || v[0] == '-' || v[0] == 'C' && v[1] == ':') { // the direction of a dialogue
			v = bytes.TrimLeft(v[1:], "<>-: ")
			lo = hi - len(v)
		}
		v = bytes.TrimSpace(v)
		if len(v) == 0 {
			return
		}
		s.open = dangling{}
		if o.class == password {
			if hi := lo + len(v); len(v) <= 256 && len(v)%4 == 0 && printable64(v) {
				s.emit(lo, hi, Span{Kind: "password", Location: "body", Severity: detectors.High, Confidence: 0.9})
			}
			return
		}
		if len(v) >= 8 && !bytes.ContainsAny(bytes.TrimRight(v, "="), " =:") && assess(v) >= plain && mixed(v) {
			s.emit(lo, lo+len(v), Span{Kind: "password", Location: "text", Severity: detectors.High, Confidence: 0.9})
		}
	case formOpen:
		switch {
		case len(bytes.TrimSpace(v)) == 0:
			s.open.seen = true
		case s.open.seen:
			f := field{lo: lo, hi: lo, class: o.class, quoted: true, sep: '=', v: lo}
			s.judge(&f)
			fallthrough
		case !bytes.HasPrefix(v, []byte("Content-")):
			s.open = dangling{}
		}
	case wrappedOpen:
		v = bytes.TrimLeft(v, " \t")
		lo = hi - len(v)
		if len(v) < 12 || tokenEnd(v, 0, len(v)) != len(v) || !mixed(v) || uniform(v) || isPair(v) || v[0] == '/' || isSlug(v) { // the next record
			s.open = dangling{}
			return
		}
		s.emit(lo, hi, Span{Kind: kindOf[o.class], Location: "header", Severity: detectors.High, Confidence: 0.7})
		if n := len(s.spans); n > 0 && s.spans[n-1].Start == lo {
			s.spans[n-1].Primary = false
		}
	case pemOpen:
		if bytes.HasPrefix(v, []byte("-----END")) || bytes.IndexByte(v, ' ') >= 0 && bytes.IndexByte(v, ':') < 0 {
			s.open = dangling{}
			return
		}
		if len(v) >= 16 && tokenEnd(v, 0, len(v)) == len(v) {
			n := len(s.spans)
			s.emit(lo, hi, Span{Kind: "private-key", Location: "text", Severity: detectors.Critical, Confidence: 0.99})
			if o.seen && len(s.spans) > n { // one key, however many lines it has
				s.spans[n].Primary = false
			}
			s.open.seen = true
		}
	case partOpen:
		s.open = dangling{}
		if !sameDriver(s.t[o.from:s.lo], s.t[s.lo:s.hi]) {
			return
		}
		e := lo
		for e < hi && !endOfPart[s.t[e]] {
			e++
		}
		if n := len(s.spans); e > lo {
			s.emit(lo, e, Span{Kind: kindOf[o.class], Location: "text", Severity: detectors.High, Confidence: 0.9})
			if len(s.spans) > n {
				s.spans[n].Primary = false
			}
		}
	}
}

// sameDriver reports whether two lines come from one container's output.
func sameDriver(a, b []byte) bool {
	const docker = `{"log":"`
	if bytes.HasPrefix(a, []byte(docker)) {
		return bytes.HasPrefix(b, []byte(docker))
	}
	for _, stream := range [...]string{" stdout ", " stderr "} {
		if bytes.Contains(a[:min(len(a), 64)], []byte(stream)) {
			return bytes.Contains(b[:min(len(b), 64)], []byte(stream))
		}
	}
	return false
}

// endOfPart are the bytes that end what is left of a credential on its next line.
var endOfPart = charset(" \t\r\n\"'`\\,;)]}>&|")

// cutByDriver reports whether the credential that ends at hi was cut there by what
// collects a container's output: CRI marks such a line with P, Docker's json-file
// leaves the newline out (both at 16 KiB).
func (s *Scanner) cutByDriver(hi int) bool {
	end := max(s.lo, min(s.hi, s.end))
	if end-hi > len(`","stream":"stdout","time":"2006-01-02T15:04:05.000000000Z"}`)+80 { // more follows
		return false
	}
	line := s.t[s.lo:end]
	if bytes.HasPrefix(line, []byte(`{"log":"`)) {
		_, end := s.content(s.lo, s.hi)
		c, _ := s.at(end)
		return hi == end && c == '"'

	}
	if len(bytes.TrimSpace(s.t[hi:end])) > 0 {
		return false
	}
	head := line[:min(len(line), 64)]
	return bytes.Contains(head, []byte(" stdout P ")) || bytes.Contains(head, []byte(" stderr P "))
}

func (s *Scanner) closers(i int) int {
	for range 4 {
		c, n := s.at(i)
		if c != '"' && c != '\'' && c != ' ' && c != ']' {
			break
		}
		i += n
	}
	return i
}

// content returns the part of a line that its program wrote, as far as the
// shape of what containers and loggers put around it tells.
func (s *Scanner) content(lo, hi int) (int, int) {
	if at := messageAt(s.t[lo:hi]); at > 0 {
		lo += at
		for i := lo; i < hi; {
			c, n := s.at(i)
			if n == 0 || c == '"' && n == 1 || c == '\n' {
				return lo, i
			}
			i += n
		}
		return lo, hi
	}
	for i := lo; i < hi; {
		for i < hi && (s.t[i] == ' ' || s.t[i] == '\t') {
			i++
		}
		e := i
		for e < hi && s.t[e] != ' ' && s.t[e] != '\t' {
			e++
		}
		if !stampLike(s.t[i:e]) {
			return i, bytesEnd(s.t, i, hi)
		}
		if bytes.HasPrefix(s.t[i:e], []byte("msg=")) {
			i += len("msg=")
			if i < hi && s.t[i] == '"' {
				i++
				return i, max(i, bytesEnd(s.t, i, hi)-1)
			}
			return i, hi
		}
		i = e
	}
	return hi, hi
}

// messageKeys are the keys under which containers and loggers keep a line.
var messageKeys = [...]string{`"log"`, `message"`, `"msg"`, `"MESSAGE"`}

// messageAt returns where the message of a JSON line begins, 0 for none.
func messageAt(line []byte) int {
	if len(line) < 8 || line[0] != '{' {
		return 0
	}
	line = line[:min(len(line), 512)]
	for _, k := range messageKeys {
		i := bytes.Index(line, []byte(k))
		if i < 0 {
			continue
		}
		i += len(k)
		for i < len(line) && (line[i] == ' ' || line[i] == ':') {
			i++
		}
		if i < len(line) && line[i] == '"' {
			return i + 1
		}
	}
	return 0
}

func bytesEnd(t []byte, lo, hi int) int {
	for hi > lo && (isSpace(t[hi-1])) {
		hi--
	}
	return hi
}

// stampLike reports whether a word belongs to what a logger puts before a line.
func stampLike(w []byte) bool {
	if len(w) == 0 {
		return false
	}
	switch string(w) {
	case "stdout", "stderr", "F", "P", "INFO", "WARN", "ERROR", "DEBUG", "TRACE", "|":
		return true
	}
	if isUUID(w) || hasPrefix(w, "time=") || hasPrefix(w, "level=") || hasPrefix(w, "msg=") || hasPrefix(w, "host-") {
		return true
	}
	if isDigit(w[0]) && len(w) >= 8 && len(w) <= 40 && (bytes.IndexByte(w, ':') > 0 || len(w) == 10 && bytes.Count(w, []byte("-")) == 2) || len(w) <= 2 && isDigit(w[0]) {
		return true
	}
	if w[0] >= 'A' && w[0] <= 'Z' && len(w) == 5 && digitsOnly(w[1:]) || w[len(w)-1] == ']' && bytes.Contains(w, []byte(".go:")) { // klog
		return true
	}
	if w[len(w)-1] == ':' && bytes.HasSuffix(w, []byte("]:")) {
		return true
	}
	return len(w) == 3 && bytes.Contains([]byte("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"), w)
}

// atEnd reports whether p.b[:e] ends what the line's program wrote.
func (s *Scanner) atEnd(p *piece, e int) bool {
	if e == 0 {
		return false
	}
	at := s.rawEnd(p, e)
	if at == s.hi || at == s.hi-1 && s.t[at] == '\r' {
		return true
	}
	_, hi := s.content(s.lo, s.hi)
	return at == hi
}
