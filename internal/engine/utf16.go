package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	magicUTF16LE = []byte{0xff, 0xfe}
	magicUTF16BE = []byte{0xfe, 0xff}
)

// utf16Order returns the order of bytes of a text of UTF-16 by its first bytes: a byte
// order mark, or Latin letters, as some tools leave the mark out. Nil means no UTF-16.
func utf16Order(head []byte) binary.ByteOrder {
	if bytes.HasPrefix(head, magicUTF16LE) {
		return binary.LittleEndian
	}
	if bytes.HasPrefix(head, magicUTF16BE) {
		return binary.BigEndian
	}
	if len(head) < 4 {
		return nil
	}
	a, b, c, d := head[0] != 0, head[1] != 0, head[2] != 0, head[3] != 0
	switch {
	case a && !b && c && !d:
		return binary.LittleEndian
	case !a && b && !c && d:
		return binary.BigEndian
	}
	return nil
}

// An encoding is how a text is stored that is read as UTF-8.
type encoding struct {
	mark  bool             // it begins with a byte order mark
	order binary.ByteOrder // of UTF-16, nil for UTF-8
	begun bool
	rest  []byte // of a character that goes on in the next piece
}

// put appends text, in UTF-8, to dst as it was stored. Its pieces come in order.
func (e *encoding) put(dst, text []byte) []byte {
	if e.mark && !e.begun {
		text = append(bytes.Clone(bom), text...)
	}
	e.begun = true
	if e.order == nil {
		return append(dst, text...)
	}
	e.rest = append(e.rest, text...)
	text = e.rest
	var unit [2]byte
	for len(text) > 0 && utf8.FullRune(text) {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		for _, u := range utf16.AppendRune(make([]uint16, 0, 2), r) {
			e.order.PutUint16(unit[:], u)
			dst = append(dst, unit[:]...)
		}
	}
	e.rest = append(e.rest[:0], text...)
	return dst
}

// utf16Reader gives UTF-16 text as UTF-8, as Windows tools write logs. What is no
// UTF-16 becomes U+FFFD; half a unit at the end is dropped.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	rest  []byte // UTF-8 that didn't fit the caller's memory
	mem   [utf8.UTFMax]byte
}

// newUTF16Reader reads r, without the byte order mark that it may begin with, and
// notes both in stored.
func newUTF16Reader(r io.Reader, order binary.ByteOrder, stored *encoding) *utf16Reader {
	stored.order = order
	u := &utf16Reader{r: bufio.NewReaderSize(r, 64<<10), order: order}
	if mark, _ := u.r.Peek(2); len(mark) == 2 && order.Uint16(mark) == 0xfeff {
		_, _ = u.r.Discard(2)
		stored.mark = true
	}
	return u
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
