package parsers

import "bytes"

// A Frame says how the bytes of a log are divided into entries.
type Frame uint8

const (
	Lines  Frame = iota // by lines, as far as they don't continue each other
	List                // by the elements of a list, which one JSON document is, however it is broken into lines
	Export              // as journalctl -o export writes entries
	Table               // by rows below a header line, which end with a line but within quotes
)

// FrameOf tells the frame of a log by its first bytes. A list is one only where it
// takes more than a line, or a line of more than MaxLine bytes; its elements start
// at b[head:], within depth brackets.
func FrameOf(b []byte) (f Frame, head, depth int) {
	if len(b) == 0 {
		return Lines, 0, 0
	}
	switch b[0] {
	case '_':
		if bytes.HasPrefix(b, exportHead) {
			return Export, 0, 0
		}
	case '{', '[':
		list, depth := listOf(b)
		if list == nil {
			break
		}
		line := b
		if n := bytes.IndexByte(b, '\n'); n >= 0 {
			line = b[:n]
		}
		if len(line) <= MaxLine && skipValue(line) > 0 {
			break
		}
		return List, len(b) - len(list), depth
	default:
		if head, _ := tableHead(b); head > 0 {
			return Table, head, 0
		}
	}
	return Lines, 0, 0
}

// FrameBelow tells the frame of what a header line stands above.
func FrameBelow(header []byte) Frame {
	if len(header) > 0 && header[0] != '#' {
		return Table
	}
	return Lines
}

// Unsure reports whether what comes behind b may tell another frame than FrameOf(b)
// does: b begins like a list, and its first line or the list's head isn't all there.
func Unsure(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[0] == '_' {
		return len(b) < len(exportHead) && bytes.HasPrefix(exportHead, b)
	}
	if b[0] != '{' && b[0] != '[' {
		_, unsure := tableHead(b)
		return unsure
	}
	line, _, whole := bytes.Cut(b, newline)
	if whole && skipValue(line) > 0 {
		return false
	}
	rest := bytes.TrimLeft(b[1:], spaces)
	if len(rest) == 0 {
		return true
	}
	if b[0] == '[' {
		if rest[0] != '{' {
			return false
		}
	} else if key, _, ok := member(rest); ok && listPath(key) == nil || rest[0] != '"' {
		return false
	}
	if list, _ := listOf(b); list != nil {
		return !whole && len(b) <= MaxLine
	}
	return skipValue(b) < 0
}

// Next returns the length of the first entry of b, with the blanks around it: 0
// where b doesn't hold all of it, and -1 where there is none more, or none that can
// be read.
func (f Frame) Next(b []byte) int {
	switch f {
	case List:
		i := 0
		for i < len(b) && (b[i] <= ' ' || b[i] == ',') {
			i++
		}
		if i == len(b) {
			return 0
		}
		if b[i] != '{' {
			return -1
		}
		n := skipValue(b[i:])
		if n < 0 {
			return 0
		}
		for i += n; i < len(b) && (b[i] == ',' || b[i] <= ' '); i++ {
			if b[i] == '\n' {
				return i + 1
			}
		}
		return i
	case Export:
		return nextExport(b)
	case Table:
		return nextRow(b)
	}
	return -1
}

// ListEnd returns how long the rest of the document is, from behind its last
// element within depth brackets to the end of its line; 0 where b doesn't hold it.
func ListEnd(b []byte, depth int) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
					return i + n + 1
				}
				return 0
			}
		case '"':
			n, _ := stringEnd(b[i+1:])
			if n < 0 {
				return 0
			}
			i += n + 1
		}
	}
	return 0
}

// eachFramed visits the entries of a block that is not divided by lines.
func (rd *Reader) eachFramed(b *Block, visit func(r *Record)) {
	e, s := &rd.open, &rd.scratch
	data, number := b.Data, b.Line
	at := b.Head
	if b.Frame == Table && at > 0 {
		line := bytes.TrimRight(data[:at], "\r\n")
		s.Header = bytes.TrimPrefix(line, []byte(byteOrderMark))
		e.reset()
		e.start(s.Header, len(line)-len(s.Header), len(line), number)
		rd.hand(s.Header, s.Header, visit)
	}
	number += int64(bytes.Count(data[:at], newline))
	for at < len(data) {
		n := b.Frame.Next(data[at:])
		if n == 0 {
			n = len(data) - at // the log was cut off
		}
		if n < 0 && b.Frame == List {
			return // what ends the document
		}
		if n < 0 {
			rest := *b
			rest.Frame, rest.Data, rest.Line = Lines, data[at:], number
			rd.Each(&rest, visit)
			return
		}
		around := " \t\r\n,"
		if b.Frame == Table {
			around = "\r\n" // cells may be empty
		}
		raw := bytes.Trim(data[at:at+n], around)
		from := at + bytes.Index(data[at:at+n], raw)
		number += int64(bytes.Count(data[at:from], newline))
		e.reset()
		e.start(raw, from, from+len(raw), number)
		e.lines = 1 + bytes.Count(raw, newline)
		s.buf = s.buf[:0]
		text := raw
		if b.Frame == Export {
			text = rd.exported(raw, data[from:at+n])
		}
		if len(raw) > 0 {
			rd.handAll(raw, text, visit)
		}
		number += int64(bytes.Count(data[from:at+n], newline))
		at += n
	}
	e.reset()
}

var newline = []byte{'\n'}
