package follow

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// A log that starts with a byte order mark of UTF-16, as some of Windows do, is read
// as UTF-8 (RFC 2781). Places count the file's own bytes.

// A byteOrder is binary.LittleEndian or binary.BigEndian.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// orderIn returns the byte order of a file that starts with head, nil where that
// isn't UTF-16.
func orderIn(head []byte) byteOrder {
	switch {
	case len(head) < 2:
	case head[0] == 0xff && head[1] == 0xfe:
		return binary.LittleEndian
	case head[0] == 0xfe && head[1] == 0xff:
		return binary.BigEndian
	}
	return nil
}

// orderOf returns the byte order of a file.
func orderOf(f io.ReaderAt) byteOrder {
	var head [bomLen]byte
	n, _ := f.ReadAt(head[:], 0)
	return orderIn(head[:n])
}

// unmarked reports whether a file that starts with head may be UTF-16 without a mark:
// Latin letters, and a zero byte with each.
func unmarked(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	low, high := head[0] != 0 && head[2] != 0, head[1] != 0 && head[3] != 0
	zeros := (head[0] == 0) == (head[2] == 0) && (head[1] == 0) == (head[3] == 0)
	return zeros && low != high
}

const noMark = "looks like UTF-16 without a byte order mark, which can't be followed; why401 report reads it"

const (
	bom    = 0xfeff
	bomLen = 2 // bytes
)

// narrow adds p, which is in this byte order, to text as UTF-8. It leaves out half a
// character at the end: used is the number of bytes before. What is no UTF-16 becomes
// U+FFFD.
func narrow(text, p []byte, order byteOrder) (_ []byte, used int) {
	for used+2 <= len(p) {
		c, n := rune(order.Uint16(p[used:])), 2
		if utf16.IsSurrogate(c) {
			low := rune(0)
			if used+4 <= len(p) {
				low = rune(order.Uint16(p[used+2:]))
			} else if c < 0xdc00 {
				break
			}
			if c = utf16.DecodeRune(c, low); c != utf8.RuneError {
				n = 4
			}
		}
		text = utf8.AppendRune(text, c)
		used += n
	}
	return text, used
}

// widen is the reverse of narrow: it adds p to wide in this byte order.
func widen(wide, p []byte, order byteOrder) []byte {
	for len(p) > 0 {
		c, n := utf8.DecodeRune(p)
		p = p[n:]
		if c < 0x10000 {
			wide = order.AppendUint16(wide, uint16(c))
			continue
		}
		high, low := utf16.EncodeRune(c)
		wide = order.AppendUint16(order.AppendUint16(wide, uint16(high)), uint16(low))
	}
	return wide
}

// lastLine returns how many lines p, which is in this byte order, has, and where the
// last one ends.
func lastLine(p []byte, order byteOrder) (lines int64, end int) {
	for i := 0; i+2 <= len(p); i += 2 {
		if order.Uint16(p[i:]) == '\n' {
			lines, end = lines+1, i+2
		}
	}
	return lines, end
}
