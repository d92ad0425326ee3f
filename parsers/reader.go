package parsers

import "bytes"

// A Reader turns blocks into records. It belongs to one goroutine; what it
// remembers between blocks never changes a result.
type Reader struct {
	opt     Options
	rec     Record
	scratch Scratch
	formats *candidates
	own     []*Parser // the user's among them

	open     entry  // the entry that the next line may continue; Lines is 0 when there is none
	next     line   // the line at hand
	frame    Frame  // of the block at hand
	date     []byte // a "#Date:" line, at dateLine
	dateLine int64
	spare    []byte
}

// NewReader returns a Reader for opt.
func NewReader(opt Options) *Reader {
	rd := &Reader{opt: opt, formats: allCandidates(), own: opt.Own}
	switch {
	case opt.Format != nil:
		rd.formats, rd.own = candidatesOf(nil, []*Parser{opt.Format}), nil
		if opt.Format.own {
			rd.own = []*Parser{opt.Format}
		}
	case len(opt.Own) > 0:
		rd.formats = candidatesOf(opt.Own, registry)
	}
	return rd
}

// A Scratch is memory that lasts until the Reader goes on to the next record, and
// what parsers need to know of the source.
type Scratch struct {
	Clock
	Header []byte // the line in force that names columns, if any
	Date   []byte // the "#Date:" line before it
	buf    []byte
	walk   jsonWalk
	inner  innerText
	w3c    w3cLayout // the columns of Header
	table  tableLayout
}

// scratchFor readies the Reader's scratch for b.
func (rd *Reader) scratchFor(b *Block) *Scratch {
	s := &rd.scratch
	s.init(rd.opt.Zone, b.Source.ModTime)
	s.Header, s.Date = b.Header, nil
	if date, fields, ok := bytes.Cut(s.Header, newline); ok {
		s.Date, s.Header = date, fields
	}
	s.inner.formats = rd.formats
	return s
}

// Each calls visit for every entry of b, in order; for a line that holds a list of
// records, for each of them. No line is left out but blank
// ones: what fits no format is visited with Format nil, and Text and Message
// alone set. Of a line in pieces only the first piece is visited, as one entry.
func (rd *Reader) Each(b *Block, visit func(r *Record)) {
	rd.scratchFor(b)
	rd.date, rd.frame = nil, b.Frame
	if b.Part > 1 {
		return
	}
	rd.open.reset()
	if b.Frame != Lines {
		rd.eachFramed(b, visit)
		return
	}
	escapes := bytes.IndexByte(b.Data, 0x1b) >= 0
	data, number := b.Data[:len(b.Data):len(b.Data)], b.Line
	for at := 0; at < len(data); number++ {
		end, next := len(data), len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			end, next = at+n, at+n+1
		}
		raw := data[at:end]
		if len(raw) > 0 && raw[len(raw)-1] == '\r' {
			raw = raw[:len(raw)-1]
		}
		if plain(raw) && !escapes && b.Part == 0 {
			rd.flush(data, visit)
			rd.open.start(raw, at, at+len(raw), number)
		} else {
			rd.take(data, raw, at, number, escapes, visit)
		}
		at = next
	}
	rd.flush(data, visit)
}

// byteOrderMark may head a log's first line.
const byteOrderMark = "\ufeff"

// take adds a line that is not plain to the open entry, or starts another with it.
func (rd *Reader) take(data, raw []byte, at int, number int64, escapes bool, visit func(*Record)) {
	if number == 1 {
		n := len(raw)
		raw = bytes.TrimPrefix(raw, []byte(byteOrderMark))
		at += n - len(raw)
	}
	ln, open := &rd.next, &rd.open
	mark := len(open.mem)
	open.mem = ln.unwrap(raw, open.mem, escapes)
	if open.lines > 0 && open.joins(ln) {
		open.add(ln, at+len(raw), number)
		if open.end-open.at > MaxRecord {
			rd.flush(data, visit)
		}
		return
	}
	if ln.kind == blank {
		open.mem = open.mem[:mark]
		open.blanks++
		return
	}
	// The line's own memory moves on to the next entry.
	mem := append(rd.spare[:0], open.mem[mark:]...)
	if ln.owned {
		ln.text = mem[len(mem)-len(ln.text):]
	}
	rd.flush(data, visit)
	rd.spare, open.mem = open.mem[:0], mem
	open.begin(ln, raw, at, at+len(raw), number)
	if ln.kind.alone() {
		rd.flush(data, visit)
	}
}

// flush hands the open entry to visit, if there is one.
func (rd *Reader) flush(data []byte, visit func(*Record)) {
	e := &rd.open
	if e.lines == 0 {
		return
	}
	s := &rd.scratch
	s.buf = s.buf[:0]
	raw := data[e.at:e.end]
	text := e.text(raw, s)
	rd.handAll(raw, text, visit)
	e.reset()
}

// handAll hands text on, of the open entry, or where it is a list every record of it.
func (rd *Reader) handAll(raw, text []byte, visit func(*Record)) {
	if len(text) < 16 || text[0] != '{' && text[0] != '[' { // most are none
		rd.hand(raw, text, visit)
		return
	}
	s := &rd.scratch
	used := len(s.buf) // text may lie there
	initial := text[2] // of its first key
	if text[0] == '{' && text[1] <= ' ' {
		if key := bytes.TrimLeft(text[1:], spaces); len(key) > 1 {
			initial = key[1]
		}
	}
	if text[0] == '{' && (initial == 's' || initial == 'v') {
		given := false // a stream that is broken at its start is an entry itself
		for values := streamLines(text); values != nil; {
			var one []byte
			if one, values = nextLine(s.buf[:used], values); values != nil {
				given = true
				s.buf = one
				rd.hand(raw, one[used:], visit)
			}
		}
		if given {
			return
		}
	}
	if initial == 'p' || initial == 'r' {
		if one := splunkResult(text); one != nil {
			text = one
		}
	}
	if initial == 'r' && text[0] == '{' {
		given := false
		otlpRecords(text, func(log, origin []byte) {
			given = true
			s.buf = otlpRecord(s.buf[:used], log, origin)
			rd.hand(raw, s.buf[used:], visit)
		})
		if given {
			return
		}
	}
	list := records(text)
	if list == nil {
		rd.hand(raw, text, visit)
		return
	}
	for {
		one, rest := nextRecord(list)
		if one == nil {
			return
		}
		s.buf = s.buf[:used]
		rd.handAll(raw, one, visit)
		list = rest
	}
}

// hand reads text, of the open entry, and hands it to visit.
func (rd *Reader) hand(raw, text []byte, visit func(*Record)) {
	e, r, s := &rd.open, &rd.rec, &rd.scratch
	r.Reset()
	r.Raw, r.Text = raw, text
	r.Line, r.Lines = e.line, e.lines
	for i := range e.wraps.n {
		r.Wrappers = append(r.Wrappers, wrapperNames[e.wraps.names[i]])
	}
	if len(r.Text) > 0 && r.Text[0] == '#' && rd.frame == Lines {
		rd.headline(r)
	}
	if e.wraps.n > 0 && rd.own != nil && rd.readWhole(r, s) {
		r.Wrappers = r.Wrappers[:0]
	} else {
		rd.read(r, s)
		if e.wraps.n > 0 {
			e.wraps.fill(r, s)
		}
	}
	if len(rd.opt.Trusted) > 0 {
		rd.opt.direct(r)
	}
	r.settle()
	visit(r)
}

// headline keeps what a line says that names columns, and a "#Date:" line right before it.
func (rd *Reader) headline(r *Record) {
	line := r.Text
	if len(r.Wrappers) > 0 || rd.open.lines > 1 {
		line = bytes.Clone(line)
	}
	switch s := &rd.scratch; {
	case bytes.HasPrefix(line, dateHead):
		rd.date, rd.dateLine = line, r.Line
	case IsHeader(line):
		s.Header, s.Date = line, nil
		if rd.date != nil && rd.dateLine == r.Line-1 {
			s.Date = rd.date
		}
		rd.date = nil
	}
}

var fieldsHead, dateHead = []byte("#Fields:"), []byte("#Date:")

// readWhole reads an entry in a format of the user's that is of the lines as they
// stand in the log, unless one is of what its wrappers hold.
func (rd *Reader) readWhole(r *Record, s *Scratch) bool {
	text := r.Text
	for _, p := range rd.own {
		if len(text) > 0 && p.Parse(r, s) {
			r.restart()
			return false
		}
	}
	r.Text = r.Raw
	for _, p := range rd.own {
		if p.Parse(r, s) {
			r.Format = p
			return true
		}
	}
	r.Text = text
	return false
}

// read finds the format of r and fills it.
func (rd *Reader) read(r *Record, s *Scratch) {
	if len(r.Text) > 0 {
		for _, p := range rd.formats.of(r.Text) {
			if p.Parse(r, s) {
				if r.Format == nil {
					r.Format = p
				}
				return
			}
		}
	}
	if len(r.Text) > 0 {
		r.Level = leadingLevel(r.Text)
		r.pick(r.Text, s)
	}
}
