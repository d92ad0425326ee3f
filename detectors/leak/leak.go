// Package leak finds credentials in logs (CWE-532) by the grammar of what logs
// hold: a name, a separator and a value, in any of the notations and escapes that
// programs print them in. A prefilter finds the places, the grammar reads them,
// and one model of values decides.
package leak

import (
	"bytes"
	"unsafe"

	"why401/detectors"
	"why401/parsers"
)

// A Span is a credential's place in a block.
type Span struct {
	Start, End int // in Block.Data; Start < 0 or End > len(Data) only in parts of a long line
	Line       int // of Start, from 0 in Block.Data
	Column     int // of Start, bytes, from 1
	Kind       string
	Scheme     string // auth-scheme, lower case
	Location   string
	Severity   detectors.Severity
	Confidence float32
	Producer   string
	Number     bool // an unquoted JSON number: its replacement needs quotes

	// The finding's own is one of several spans of one credential (its
	// continuation lines): Primary is false for the others.
	Primary bool
}

// A Scanner finds credentials. It belongs to one goroutine.
type Scanner struct {
	t          []byte // Before, Data and After of the block
	end        int    // of what may be read
	lo, hi     int    // the line that is being read
	done       int    // what lies before has been decided
	named      int    // names before have been read
	nextAt     int    // the next "@"
	lastAt     int    // the last one, and where the URL began that holds it
	urlStart   int
	notHex     int // the start of a line that is no line of a hexdump
	argsEnd    int // of the arguments that were read last
	cookiesEnd int // of the cookies that were read last
	schemesEnd int // of the schemes that were read last
	noKey      int // before it no private key begins on this line

	hits  []hit
	spans []Span
	joint []byte  // t, where the block's parts aren't one piece of memory
	text  []byte  // of the last decode
	pos   []int32 // of the last decode
	plain []byte  // of the last base64
	open  dangling

	bindings  []binding // of the statement at bindLine, whose values stand on later lines
	bindLine  int
	bindTries int // on that line

	hex       hexTail
	cookieMap int // the end of a line that holds a map of cookies

	pf     *prefilter
	own    *Own    // what the user added, nil for nothing
	finder *Finder // of canaries, nil for none
	traces []Span

	remarks       []remark
	told          []Remark
	base, dataEnd int // of the block's Data in t

	nested *Scanner // of what an encoding hides
	depth  int
	goesOn bool // the text ends where a line of a hexdump does
}

// NewScanner returns a Scanner.
func NewScanner() *Scanner { return &Scanner{pf: builtin()} }

// Watch makes Scan find the traces of a canary too, as leaks of kind "canary".
func (s *Scanner) Watch(f *Finder) { s.finder = f }

// Scan returns the credentials that start in b.Data (and, in a part of a long
// line, those that reach into it), in order and without overlap. The slice is
// valid until the next call. What it returns doesn't depend on where blocks are cut.
func (s *Scanner) Scan(b *parsers.Block) []Span {
	s.load(b)
	s.walk()
	s.resume(s.end)
	if s.finder != nil {
		s.traces = s.finder.find(s, s.traces[:0])
		s.spans = mergeTraces(s.spans, s.traces)
	}
	if s.own != nil && len(s.own.patterns) > 0 {
		s.traces = s.own.matches(s, s.traces[:0])
		s.spans = mergeTraces(s.spans, s.traces)
	}
	return s.place(b)
}

// load takes a block's text as one piece.
func (s *Scanner) load(b *parsers.Block) {
	before, data, after := b.Before, b.Data, b.After
	n := len(before) + len(data) + len(after)
	switch {
	case len(before) == 0 && len(after) == 0:
		s.t = data
	case len(before) > 0 && cap(before) >= n && len(data) > 0 && unsafe.SliceData(data) == &before[:len(before)+1][len(before)]:
		s.t = before[:n]
	default:
		s.joint = append(append(append(s.joint[:0], before...), data...), after...)
		s.t = s.joint
	}
	s.end, s.lo, s.hi, s.done, s.named = len(s.t), 0, -1, 0, 0
	s.cookieMap, s.lastAt, s.notHex, s.argsEnd, s.cookiesEnd, s.schemesEnd, s.noKey, s.hex.next, s.bindLine = 0, -1, -1, 0, 0, 0, 0, -1, -1
	s.spans, s.remarks = s.spans[:0], s.remarks[:0]
	s.base, s.dataEnd = len(before), len(before)+len(data)
	s.open = dangling{}
}

// place keeps the spans that concern b.Data and counts their lines and columns.
func (s *Scanner) place(b *parsers.Block) []Span {
	base, end := len(b.Before), len(b.Before)+len(b.Data)
	out := s.spans[:0]
	line, from, start := 0, base, bytes.LastIndexByte(s.t[:base], '\n')+1
	by := producerSearch{line: -1}
	for _, sp := range s.spans {
		if sp.Start >= end || sp.End <= base || sp.Start < base && b.Part == 0 {
			continue
		}
		if at := sp.Start; at > from {
			if n := bytes.Count(s.t[from:at], newline); n > 0 {
				line += n
				start = bytes.LastIndexByte(s.t[:at], '\n') + 1
			}
			from = at
		}
		sp.Line = line
		sp.Column = sp.Start - max(start, base) + 1
		if line == 0 {
			sp.Column += b.Column
		}
		if line == 0 && b.Part > 0 {
			sp.Column += (b.Part - 1) * parsers.MaxLine
		}
		sp.Producer = by.of(s.t, start, sp.Start)
		sp.Start -= base
		sp.End -= base
		out = append(out, sp)
	}
	s.spans = out
	return out
}

var newline = []byte{'\n'}

// emit notes the credential t[lo:hi], unless it was noted before.
func (s *Scanner) emit(lo, hi int, sp Span) {
	for hi > lo && s.t[hi-1] == '\r' {
		hi--
	}
	if lo < s.done || hi <= lo {
		return
	}
	if s.own != nil && s.own.allowed[string(s.t[lo:hi])] {
		s.done = hi
		return
	}
	sp.Start, sp.End, sp.Primary = lo, hi, true
	s.spans = append(s.spans, sp)
	s.done = hi
	if s.open.kind != pemOpen && s.cutByDriver(hi) {
		s.leave(partOpen, 1, token)
	}
}

// found handles word w at p.
func (s *Scanner) found(w *word, p int) {
	if s.open.left > 0 {
		s.resume(p)
	}
	if p < s.done {
		return
	}
	s.line(p)
	switch w.act {
	case actName, actForeign:
		s.name(p, w)
	case actScheme:
		s.scheme(p, w)
	case actToken:
		s.token(p, w)
	case actJWT:
		s.jwt(p)
	case actCommand:
		s.command(p, w)
	case actCall:
		s.call(p, w)
	case actPath:
		s.path(p, w)
	case actBase64:
		s.base64Block(p, int(w.form))
	case actHexRun:
		s.hexBlock(p)
	case actBytes:
		s.byteList(p)
	case actHex:
		s.hexdump()
	case actKey:
		s.pem(p)
	case actSpoken:
		if _, hi := s.content(s.lo, s.hi); s.t[hi-1] == ':' || w.text[0] == 'f' {
			s.leave(spokenOpen, 6, noSecret)
		}
		if w.text[0] == '3' { // SMTP asks for it, RFC 4954
			s.leave(spokenOpen, 2, password)
		}
		if w.text[0] == 'p' {
			s.name(p, w)
		}
	case actVerb:
		s.verb(p, w)
	case actParams:
		s.rpc(p)
	case actSQL:
		s.insert(p)
	}
}
