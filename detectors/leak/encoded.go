package leak

import (
	"bytes"
	"encoding/base64"

	"why401/detectors"
	"why401/parsers"
)

// maxDepth bounds how many encodings inside each other are undone.
const maxDepth = 3

// inner scans text that was hidden in an encoding.
func (s *Scanner) inner(text []byte) []Span {
	if s.depth >= maxDepth {
		return nil
	}
	if s.nested == nil {
		s.nested = &Scanner{pf: s.pf, own: s.own, depth: s.depth + 1}
	}
	return s.nested.Scan(&parsers.Block{Data: text})
}

// base64Block judges the run of base64 around p, where a header's name stands
// in it, skipped characters after the start of a group of four: the whole run is
// the secret's place.
func (s *Scanner) base64Block(p, skipped int) {
	lo, hi := p, p
	for lo > s.lo && lo > s.done && lo > p-maxValue && b64Char(s.t[lo-1]) {
		lo--
	}
	for hi < s.hi && hi-p < maxValue && b64Char(s.t[hi]) {
		hi++
	}
	run := s.t[lo:hi]
	if len(run) < 24 {
		return
	}
	end := hi
	for end < s.hi && s.t[end] == '=' && end-hi < 2 {
		end++
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(run, "-_") {
		enc = base64.RawURLEncoding
	}
	if cap(s.plain) < maxValue*2 {
		s.plain = make([]byte, maxValue*2)
	}
	part := run[(p-lo-skipped)&3:]
	part = part[:len(part)/4*4+[4]int{0, 0, 2, 3}[len(part)%4]]
	n, err := enc.Decode(s.plain[:maxValue*2], part)
	if err == nil || n > 0 {
		if spans := s.inner(s.plain[:n]); len(spans) > 0 {
			sp := spans[0]
			s.emit(lo, end, Span{Kind: sp.Kind, Scheme: sp.Scheme, Location: sp.Location, Severity: sp.Severity, Confidence: 0.95})
			return
		}
	}
	s.done = max(s.done, hi)
}

// hexBlock judges the run of hexadecimal digits around p, where a header's name
// stands in it.
func (s *Scanner) hexBlock(p int) {
	lo, hi := p, p
	for lo > s.lo && lo > s.done && lo > p-maxValue && isHex(s.t[lo-1]) {
		lo--
	}
	for hi < s.hi && hi-p < maxValue && isHex(s.t[hi]) {
		hi++
	}
	lo += (p - lo) & 1
	n := (hi - lo) / 2
	if cap(s.plain) < maxValue*2 {
		s.plain = make([]byte, maxValue*2)
	}
	out := s.plain[:n]
	for i := range out {
		v, _ := hexValue(s.t, lo+2*i, 2)
		out[i] = byte(v)
	}
	if spans := s.inner(out); len(spans) > 0 {
		sp := spans[0]
		s.emit(lo, hi, Span{Kind: sp.Kind, Scheme: sp.Scheme, Location: sp.Location, Severity: sp.Severity, Confidence: 0.95})
		return
	}
	s.done = max(s.done, hi)
}

// byteList judges the list of decimal bytes around p, where a header's name stands
// in it: [66 101 97 114], as Go prints a []byte.
func (s *Scanner) byteList(p int) {
	in := func(c byte) bool { return isDigit(c) || c == ' ' || c == ',' }
	lo, hi := p, p
	for lo > s.lo && lo > s.done && lo > p-maxValue && in(s.t[lo-1]) {
		lo--
	}
	for hi < s.hi && hi-p < maxValue && in(s.t[hi]) {
		hi++
	}
	if cap(s.plain) < maxValue*2 {
		s.plain = make([]byte, maxValue*2)
	}
	out, v, digits := s.plain[:0], 0, 0
	for i := lo; i <= hi; i++ {
		switch {
		case i < hi && isDigit(s.t[i]):
			v, digits = v*10+int(s.t[i]-'0'), digits+1
			if digits > 3 || v > 255 {
				s.done = max(s.done, hi)
				return
			}
		case digits > 0:
			out = append(out, byte(v))
			v, digits = 0, 0
		}
	}
	if spans := s.inner(out); len(spans) > 0 {
		sp := spans[0]
		for hi > lo && !isDigit(s.t[hi-1]) {
			hi--
		}
		for lo < hi && !isDigit(s.t[lo]) {
			lo++
		}
		s.emit(lo, hi, Span{Kind: sp.Kind, Scheme: sp.Scheme, Location: sp.Location, Severity: sp.Severity, Confidence: 0.95})
		return
	}
	s.done = max(s.done, hi)
}

func b64Char(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '-' || c == '_' }

// A hexLine is a line of a hexdump: its bytes, where each stands, and where the
// column of characters begins.
type hexLine struct {
	data [32]byte
	pos  [32]int32 // of the two digits
	n    int
	text int // of the first character of the right column, 0 for none
}

// parseHex reads the line t[lo:hi] as one of a hexdump: an offset, groups of two
// or four digits, and mostly the same bytes as characters.
func parseHex(t []byte, lo, hi int, h *hexLine) bool {
	hi = min(hi, lo+400)
	for i := lo; i+12 < hi; i++ {
		if !isHex(t[i]) || i > lo && (isAlnum(t[i-1]) || t[i-1] == ':' || t[i-1] == '-' || t[i-1] == '.') {
			continue
		}
		j := i
		if j+2 < hi && t[j] == '0' && t[j+1]|0x20 == 'x' {
			j += 2
		}
		digits := j
		for j < hi && isHex(t[j]) {
			j++
		}
		if j-digits < 4 || j-digits > 16 {
			i = j
			continue
		}
		if j < hi && (t[j] == ':' || t[j] == '|') {
			j++
		}
		if j+2 < hi && t[j] == ' ' && t[j+1] == '-' {
			j += 2
		}
		if j < hi && (t[j] == ' ' || t[j] == '\t') && h.read(t, j, hi) {
			return true
		}
		i = digits
		for i < hi && isHex(t[i]) {
			i++
		}
	}
	return false
}

// read reads the groups of digits from i on.
func (h *hexLine) read(t []byte, i, hi int) bool {
	h.n, h.text = 0, 0
	for h.n < 16 {
		blanks := 0
		for i < hi && (t[i] == ' ' || t[i] == '\t' || t[i] == '-' && h.n == 8) {
			i++
			blanks++
		}
		if blanks == 0 || blanks > 3 && h.n > 0 {
			break
		}
		j := i
		for j < hi && isHex(t[j]) {
			j++
		}
		n := j - i
		if n != 2 && n != 4 && n != 8 || j < hi && t[j] != ' ' && t[j] != '\t' && t[j] != '\n' && t[j] != '\r' && t[j] != '-' && t[j] != '"' && t[j] != '\\' && t[j] != '|' {
			break
		}
		for ; i < j; i += 2 {
			if h.n == 16 {
				break
			}
			v, _ := hexValue(t, i, 2)
			h.data[h.n], h.pos[h.n] = byte(v), int32(i)
			h.n++
		}
		i = j
	}
	if h.n < 3 {
		return false
	}
	// The right column repeats the bytes.
	last := int(h.pos[h.n-1]) + 2
	for k := last; k+h.n <= min(hi, last+64) && h.text == 0; k++ {
		same := 0
		for same < h.n && (t[k+same] == h.data[same] || t[k+same] == '.' && (h.data[same] < ' ' || h.data[same] > '~')) {
			same++
		}
		if same == h.n && k > last {
			h.text = k
		}
	}
	return true
}

// A hexTail is the last lines of a hexdump, decoded.
type hexTail struct {
	text []byte
	ends []int // of each line in text
	at   []int // where each line begins
	next int   // where the line after them begins
	line hexLine
}

// drop forgets the first line.
func (h *hexTail) drop() {
	n := h.ends[0]
	h.text = h.text[:copy(h.text, h.text[n:])]
	h.at = h.at[:copy(h.at, h.at[1:])]
	h.ends = h.ends[:copy(h.ends, h.ends[1:])]
	for i := range h.ends {
		h.ends[i] -= n
	}
}

// context returns where what is scanned for the line at text[from:] begins: two
// whole lines of the text before that which from lies in, so that a field of a
// form is seen with its name, and no line is scanned again for every row.
func (h *hexTail) context(from int) int {
	for range 3 {
		if from = bytes.LastIndexByte(h.text[:max(from, 0)], '\n'); from < 0 {
			return 0
		}
	}
	return from + 1
}

// hexdump judges the line that is being read as the newest of a hexdump: with the
// lines before it, as far as they may be looked at.
func (s *Scanner) hexdump() {
	if s.notHex == s.lo {
		return
	}
	h := &s.hex
	if h.next != s.lo {
		s.hexBack()
	}
	for len(h.at) > maxBack || len(h.at) > 0 && h.at[0] < s.lo-parsers.LookBehind {
		h.drop()
	}
	if !parseHex(s.t, s.lo, s.hi, &h.line) {
		s.notHex = s.lo
		s.open = dangling{}
		h.next = -1
		return
	}
	from := len(h.text)
	cur := &h.line
	h.text = append(h.text, cur.data[:cur.n]...)
	h.ends = append(h.ends, len(h.text))
	h.at = append(h.at, s.lo)
	h.next = s.hi + 1
	if s.open.left == 0 || s.open.kind != hexdumpOpen {
		s.leave(hexdumpOpen, maxBack, noSecret)
	}
	if s.nested != nil {
		s.nested.goesOn = cur.n == 16
		defer func() { s.nested.goesOn = false }()
	}
	start := h.context(from)
	for _, sp := range s.inner(h.text[start:]) {
		sp.Start, sp.End = sp.Start+start, sp.End+start
		if sp.End <= from {
			continue
		}
		a, b := max(sp.Start-from, 0), sp.End-from
		out := Span{Kind: sp.Kind, Scheme: sp.Scheme, Location: sp.Location, Severity: sp.Severity, Confidence: 0.9}
		s.emit(int(cur.pos[a]), int(cur.pos[b-1])+2, out)
		if n := len(s.spans); n > 0 && sp.Start < from {
			s.spans[n-1].Primary = false
		}
		if cur.text > 0 {
			s.emit(cur.text+a, cur.text+b, out)
			s.spans[len(s.spans)-1].Primary = false
		}
	}
	s.done = max(s.done, s.hi)
}

// hexBack decodes the lines of a hexdump before the one that is being read.
func (s *Scanner) hexBack() {
	var starts [maxBack]int
	n, hi := 0, s.lo-1
	h := &s.hex
	for n < maxBack && hi > 0 {
		lo := bytes.LastIndexByte(s.t[max(0, s.lo-parsers.LookBehind-1):hi], '\n') + 1 + max(0, s.lo-parsers.LookBehind-1)
		if lo < s.lo-parsers.LookBehind || !parseHex(s.t, lo, hi, &h.line) {
			break
		}
		starts[n] = lo
		n++
		hi = lo - 1
	}
	h.text, h.ends, h.at = h.text[:0], h.ends[:0], h.at[:0]
	for n--; n >= 0; n-- {
		parseHex(s.t, starts[n], s.lo-1, &h.line)
		h.at = append(h.at, starts[n])
		h.text = append(h.text, h.line.data[:h.line.n]...)
		h.ends = append(h.ends, len(h.text))
	}
}

// pem judges a private key, or its first line.
func (s *Scanner) pem(p int) {
	if p < s.noKey {
		return
	}
	if s.t[p]|0x20 == 'p' { // PuTTY's, of that many lines
		lo, hi, _ := s.argument(p + len("private-lines: "))
		if v := s.t[lo:hi]; p == s.lo && digitsOnly(bytes.TrimSpace(v)) {
			s.leave(pemOpen, maxBack, 0)
		}
		return
	}
	rest := s.t[p:min(s.hi, p+maxValue)]
	if n := bytes.Index(rest, []byte("-----END")); n > 0 && bytes.Contains(rest[:min(80, n)], []byte("PRIVATE KEY")) {
		if b := bytes.Index(rest[10:], []byte("-----")); b > 0 {
			lo, hi := p+10+b+5, p+n
			for lo < hi && !b64Char(s.t[lo]) || lo+1 < hi && s.t[lo-1] == '\\' {
				lo++
			}
			for hi > lo && !b64Char(s.t[hi-1]) && s.t[hi-1] != '=' || hi-lo > 2 && s.t[hi-2] == '\\' {
				hi--
			}
			if g := assess(s.t[lo:hi]); hi-lo >= 40 && g != nothing {
				s.emit(lo, hi, Span{Kind: "private-key", Location: "body", Severity: detectors.Critical, Confidence: 0.99})
			}
		}
		s.noKey = p + n
		return
	}
	s.noKey = p + len(rest)
	if bytes.Contains(rest[:min(80, len(rest))], []byte("PRIVATE KEY")) {
		s.leave(pemOpen, 64, 0)
	}
}
