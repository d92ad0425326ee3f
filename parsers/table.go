package parsers

import "bytes"

var _ = register(Parser{
	Name: "table",
	Doc: `Tables: CSV with a header line, Zeek, Exchange
What exports of Splunk, CloudWatch, Kibana, Entra and Okta are: a first line of names,
which mean what the keys of JSON do (RFC 4180; commas, semicolons, tabs or bars).
Zeek's tab-separated logs, whose "#fields" line names the columns
(https://docs.zeek.org/en/master/log-formats.html), and Exchange's, whose "#Fields:"
are separated by commas.`,
	First: "\"#',-.0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
	Order: 3, // a cell may hold a line of another format
	Parse: parseTable,
})

var zeekHead = []byte("#fields\t")

// IsHeader reports whether a line names the columns of those that follow, as
// "#Fields:" does in W3C's format and "#fields" in Zeek's.
func IsHeader(line []byte) bool {
	return len(line) > 8 && line[0] == '#' && (bytes.HasPrefix(line, fieldsHead) || bytes.HasPrefix(line, zeekHead))
}

// A tableLayout is the meaning of the columns that a header line names.
type tableLayout struct {
	header  []byte // a copy of the line
	sep     byte
	zeek    bool
	columns []tableColumn
}

type tableColumn struct {
	key []byte // part of the layout's header
	m   meaning
}

const maxColumns = 256

// read takes the columns of header, if it isn't the one that l knows. Without any it
// is no table's.
func (l *tableLayout) read(header []byte) {
	if bytes.Equal(header, l.header) {
		return
	}
	l.header = append(l.header[:0], header...)
	l.columns, l.zeek = l.columns[:0], false
	names := l.header
	switch {
	case bytes.HasPrefix(names, zeekHead):
		names, l.sep, l.zeek = names[len(zeekHead):], '\t', true
	case bytes.HasPrefix(names, fieldsHead):
		if names, l.sep = trimSpaces(names[len(fieldsHead):]), ','; bytes.IndexByte(names, ' ') >= 0 || bytes.IndexByte(names, ',') < 0 {
			return
		}
	default:
		if i := bytes.IndexAny(names, ",;\t|"); i > 0 {
			l.sep = names[i]
		} else {
			return
		}
	}
	for len(names) > 0 && len(l.columns) < maxColumns {
		var name []byte
		name, names, _ = bytes.Cut(names, []byte{l.sep})
		name = bytes.Trim(name, "\" \r")
		l.columns = append(l.columns, tableColumn{name, columnMeaning(name)})
	}
}

// columnMeaning is what a key of that name means in JSON; "(UTC)" behind it doesn't count.
func columnMeaning(name []byte) meaning {
	if i := bytes.Index(name, []byte(" (")); i > 0 {
		name = name[:i]
	}
	if m := keyMeanings.find(hashKey(hashSeed, name)); m.field != fNone {
		return m
	}
	if guessMessage(name) || string(name) == "data" || string(name) == "context" { // Exchange
		return meaning{fMessage, 3, true}
	}
	return meaning{}
}

// tableHead returns how long the header line at the start of b is, which a row of as
// many cells follows: 0 where there is none. Unsure says that what follows b may tell.
func tableHead(b []byte) (n int, unsure bool) {
	line, rest, whole := bytes.Cut(b, newline)
	line = bytes.TrimSuffix(bytes.TrimPrefix(line, []byte(byteOrderMark)), []byte{'\r'})
	if len(line) == 0 || len(line) > LookBehind || line[0]|0x20-'a' > 25 && line[0] != '"' && line[0] != '_' && line[0] != '@' {
		return 0, false
	}
	for i, c := range line {
		if !isWord(c) && !inNames[c] || c-'0' <= 9 && (i == 0 || line[i-1] == ',') {
			return 0, false
		}
	}
	if !whole {
		return 0, true
	}
	var l tableLayout
	l.read(line)
	known := 0
	for _, c := range l.columns {
		if len(c.key) == 0 || len(c.key) > 64 {
			return 0, false
		}
		if c.m.field != fNone {
			known++
		}
	}
	if known < 2 {
		return 0, false
	}
	row := nextRow(rest)
	if row == 0 {
		return 0, true
	}
	text, cells := bytes.TrimRight(rest[:row], "\r\n"), 0
	for i := 0; i >= 0; cells++ {
		_, i, _ = l.cell(text, i)
	}
	if !l.fits(cells) {
		return 0, false
	}
	return len(b) - len(rest), false
}

// fits reports whether a row can have so many cells: one has no name in what
// Windows' Event Viewer exports.
func (l *tableLayout) fits(cells int) bool {
	return cells == len(l.columns) || cells == len(l.columns)+1
}

// nextRow returns the length of the first row of b, 0 where b doesn't hold it. A line
// ends it, but within quotes; a quote without its end is none.
func nextRow(b []byte) int {
	quoted := false
	for i := 0; i < min(len(b), MaxRecord); i++ {
		switch c := b[i]; {
		case c == '\n' && !quoted:
			return i + 1
		case c != '"':
		case quoted && i+1 < len(b) && b[i+1] == '"':
			i++
		case quoted, i == 0, beforeCell[b[i-1]]:
			quoted = !quoted
		}
	}
	if len(b) < MaxRecord {
		return 0
	}
	return bytes.IndexByte(b, '\n') + 1
}

var beforeCell, inNames = setOf(",;\t|"), setOf(",;\t| .-()/@\"")

// cell returns the cell at b[i:] and where the next begins, -1 behind the last.
// Doubled says that each quote within it stands twice.
func (l *tableLayout) cell(b []byte, i int) (v []byte, next int, doubled bool) {
	if !l.zeek && i < len(b) && b[i] == '"' {
		for end := i + 1; ; end++ {
			n := bytes.IndexByte(b[end:], '"')
			if n < 0 {
				break
			}
			if end += n; end+1 == len(b) {
				return b[i+1 : end], -1, doubled
			}
			if b[end+1] == l.sep {
				return b[i+1 : end], end + 2, doubled
			}
			if b[end+1] == '"' {
				end++
				doubled = true
			}
		}
	}
	n := bytes.IndexByte(b[i:], l.sep)
	if n < 0 {
		return b[i:], -1, false
	}
	return b[i : i+n], i + n + 1, false
}

func parseTable(r *Record, s *Scratch) bool {
	t := r.Text
	if t[0] == '#' {
		return isZeekDirective(t)
	}
	if len(s.Header) == 0 {
		return false
	}
	l := &s.table
	if l.read(s.Header); len(l.columns) == 0 {
		return false
	}
	if bytes.Equal(t, s.Header) {
		return true
	}
	w := &s.walk
	w.begin()
	var date []byte
	cells := 0
	for i := 0; i >= 0; cells++ {
		v, next, doubled := l.cell(t, i)
		i = next
		if cells >= len(l.columns) || len(v) == 0 {
			continue
		}
		if doubled {
			v = s.undoubled(v)
		}
		c := &l.columns[cells]
		if c.m.field == fTime {
			if len(v) == 10 && v[2]-'0' <= 9 && bytes.IndexByte(v, ':') < 0 && v[4]-'0' > 9 { // the time may have a column of its own
				date = v
				continue
			}
			if date != nil && len(v) > 6 && v[2] == ':' {
				v = s.join(" ", date, v)
			}
		}
		w.cell(r, s, c, v, l.zeek)
	}
	if !l.fits(cells) {
		r.restart()
		return false
	}
	if r.Status == 0 && r.Method == nil && w.n > 0 && w.pieces[0].rank == 0 && s.inner.read(r, s, &r.Attrs[w.pieces[0].attr]) {
		return true
	}
	w.finish(r, s)
	r.pickMissing(s)
	return true
}

// undoubled returns v with one quote in place of two.
func (s *Scratch) undoubled(v []byte) []byte {
	n := len(s.buf)
	for i, c := range v {
		if c != '"' || i == 0 || v[i-1] != '"' || s.buf[len(s.buf)-1] != '"' {
			s.buf = append(s.buf, c)
		}
	}
	return s.buf[n:len(s.buf):len(s.buf)]
}

// cell adds a value under the name of its column. Zeek writes bytes as \xNN.
func (w *jsonWalk) cell(r *Record, s *Scratch, c *tableColumn, v []byte, zeek bool) {
	if len(r.Attrs) >= maxAttrs || zeek && (string(v) == "(empty)" || isNothing(v)) {
		return
	}
	a := Attr{Key: c.key, Value: v, Parent: -1, Escaped: zeek && bytes.IndexByte(v, '\\') >= 0}
	if c.m.field != fClient && isNumber(v) {
		a.Kind = Number
	}
	r.Attrs = append(r.Attrs, a)
	if c.m.field != fNone && !isNothing(v) {
		w.value(r, s, &w.stack[0], c.m, len(r.Attrs)-1)
	}
}

// isZeekDirective reports whether a line that begins with "#" is one of those around
// Zeek's rows.
func isZeekDirective(t []byte) bool {
	for _, d := range [...]string{"#fields\t", "#separator ", "#set_separator\t", "#empty_field\t", "#unset_field\t", "#path\t", "#open\t", "#types\t", "#close\t"} {
		if hasPrefix(t, d) {
			return true
		}
	}
	return false
}
