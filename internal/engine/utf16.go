package engine

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	magicUTF16LE = []byte{0xff, 0xfe}
	magicUTF16BE = []byte{0xfe, 0xff}
)

// utf16Reader gives UTF-16 text as UTF-8, as Windows tools write logs. What is no
// UTF-16 becomes U+FFFD; half a unit at the end is dropped.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	rest  []byte // UTF-8 that didn't fit the caller's memory
	mem   [utf8.UTFMax]byte
}

func newUTF16Reader(r io.Reader, order binary.ByteOrder) *utf16Reader {
	return &utf16Reader{r: bufio.NewReaderSize(r, 64<<10), order: order}
}

func (u *utf16Reader) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(u.rest) == 0 {
			if n > 0 && u.r.Buffered() < 4 {
				return n, nil // what comes next may block
			}
			c, err := u.rune()
			if err != nil {
				return n, err
			}
			if c < utf8.RuneSelf {
				b[n] = byte(c)
				n++
				continue
			}
			u.rest = utf8.AppendRune(u.mem[:0], c)
		}
		m := copy(b[n:], u.rest)
		u.rest = u.rest[m:]
		n += m
	}
	return n, nil
}

func (u *utf16Reader) rune() (rune, error) {
	unit, err := u.r.Peek(2)
	if len(unit) < 2 {
		if err == nil || err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		return 0, err
	}
	c := rune(u.order.Uint16(unit))
	_, _ = u.r.Discard(2)
	if !utf16.IsSurrogate(c) {
		return c, nil
	}
	if low, _ := u.r.Peek(2); len(low) == 2 {
		if pair := utf16.DecodeRune(c, rune(u.order.Uint16(low))); pair != utf8.RuneError {
			_, _ = u.r.Discard(2)
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}
