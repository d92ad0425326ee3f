package parsers

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// The journal's export format (https://systemd.io/JOURNAL_EXPORT_FORMATS): fields as
// "NAME=text\n", or "NAME\n", 64 bits that are the length of what follows, and "\n";
// a blank line ends an entry. Journalctl begins every entry with its cursor.

var exportHead = []byte("__CURSOR=")

const maxExported = 16 << 20 // of one field

// exportField returns the first field of b and where the next one begins: 0 where
// b doesn't hold it whole, -1 where it isn't one.
func exportField(b []byte) (name, value []byte, next int) {
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		return nil, nil, 0
	}
	if name, value, ok := bytes.Cut(b[:n], []byte{'='}); ok {
		return name, value, n + 1
	}
	name = b[:n]
	if n == 0 || n > 64 {
		return nil, nil, -1
	}
	if len(b) < n+9 {
		return nil, nil, 0
	}
	size := binary.LittleEndian.Uint64(b[n+1:])
	if size > maxExported {
		return nil, nil, -1
	}
	from := n + 9
	end := from + int(size)
	switch {
	case end >= len(b):
		return nil, nil, 0
	case b[end] != '\n':
		return nil, nil, -1
	}
	return name, b[from:end], end + 1
}

func nextExport(b []byte) int {
	i := 0
	for i < len(b) && b[i] == '\n' {
		i++
	}
	for i < len(b) {
		if b[i] == '\n' {
			return i + 1
		}
		_, _, n := exportField(b[i:])
		if n <= 0 {
			return n
		}
		i += n
	}
	return 0
}

// exported returns the message of an entry of the journal, without wrappers of its
// own, of the fields b; what the others say goes to the open entry's wrapping. Where
// there is no message it is raw.
func (rd *Reader) exported(raw, b []byte) (text []byte) {
	ln, e := &rd.next, &rd.open
	*ln = line{}
	w := &ln.wraps
	for len(b) > 0 {
		name, value, n := exportField(b)
		if n == 0 && len(name) == 0 { // the entry's last field has lost its line ending
			name, value, _ = bytes.Cut(b, []byte{'='})
			n = len(b)
		}
		if n <= 0 {
			break
		}
		b = b[n:]
		switch string(name) {
		case "MESSAGE":
			text = value
		case "PRIORITY":
			if len(value) == 1 {
				w.setPriority(int(value[0] - '0'))
			}
		case "_HOSTNAME":
			w.host = value
		case "SYSLOG_IDENTIFIER":
			w.program = value
		case "_COMM":
			if w.program == nil {
				w.program = value
			}
		case "__REALTIME_TIMESTAMP":
			if us, err := strconv.ParseInt(string(value), 10, 64); err == nil && us > 0 && us < 1<<53 {
				w.setStamp(Stamp{Time: us * 1000}, nil)
			}
		}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return raw
	}
	ln.wrapped(wrapJournal, bytes.TrimRight(text, "\r\n"))
	e.mem = ln.strip(e.mem, true)
	e.wraps, e.simple = ln.wraps, false
	return ln.text
}
