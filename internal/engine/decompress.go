package engine

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A compressed log that expands more than maxRatio times, once it gave more than
// maxDense bytes, is refused. Logs of one line repeated stay below.
const (
	maxRatio = 1200
	maxDense = 1 << 30
)

// decompress sets in.Reader to what r holds, by its magic bytes.
func (in *input) decompress(r io.Reader) error {
	var head [6]byte
	n := 0
	var rerr error
	for n < len(head) && rerr == nil {
		var m int
		m, rerr = r.Read(head[n:])
		n += m
		if m > 0 && !mayBeMagic(head[:n]) {
			break
		}
	}
	if rerr != nil && rerr != io.EOF {
		return fmt.Errorf("cannot read its start: %w", cause(rerr))
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), r)
	if rerr == io.EOF {
		whole = bytes.NewReader(head[:n])
	}
	for _, p := range packers {
		if bytes.HasPrefix(head[:n], p.magic) {
			return fmt.Errorf("%w: packed by %s, which isn't unpacked here; give what `%s` prints", ErrNotText, p.name, p.unpack)
		}
	}
	counted := &counter{r: whole}
	var err error
	switch {
	case bytes.HasPrefix(head[:n], magicGzip):
		var z *gzip.Reader
		if z, err = gzip.NewReader(counted); err == nil {
			in.Reader = &bounded{r: z, in: counted}
			in.closers = append(in.closers, z.Close)
		}
	case bytes.HasPrefix(head[:n], magicZstd):
		var z *zstd.Decoder
		if z, err = zstd.NewReader(counted, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20)); err == nil {
			in.Reader = &bounded{r: z, in: counted}
			in.closers = append(in.closers, func() error { z.Close(); return nil })
		}
	case bytes.HasPrefix(head[:n], magicBzip2):
		in.Reader = &bounded{r: bzip2.NewReader(counted), in: counted}
	case !in.raw && utf16Order(head[:n]) != nil:
		in.Reader = newUTF16Reader(whole, utf16Order(head[:n]), &in.encoding)
	default:
		in.encoding.mark = bytes.HasPrefix(head[:n], bom)
		in.Reader = &plain{head: head[:n], r: r, done: rerr == io.EOF}
	}
	if err != nil {
		return fmt.Errorf("cannot decompress: %w", err)
	}
	if z, ok := in.Reader.(*bounded); ok && !in.raw {
		in.Reader = &unpacked{r: z, stored: &in.encoding}
	}
	return nil
}

// unpacked is the text that was compressed, in UTF-8.
type unpacked struct {
	r      io.Reader
	begun  bool
	stored *encoding
}

func (u *unpacked) Read(b []byte) (int, error) {
	if !u.begun {
		u.begun = true
		var head [4]byte
		n, err := io.ReadFull(u.r, head[:])
		if err != nil && err != io.ErrUnexpectedEOF && n == 0 {
			return 0, err
		}
		u.r = io.MultiReader(bytes.NewReader(head[:n]), u.r)
		if order := utf16Order(head[:n]); order != nil {
			u.r = newUTF16Reader(u.r, order, u.stored)
		}
	}
	return u.r.Read(b)
}

var (
	magicGzip  = []byte{0x1f, 0x8b}
	magicZstd  = []byte{0x28, 0xb5, 0x2f, 0xfd}
	magicBzip2 = []byte("BZh")
	bom        = []byte("\xef\xbb\xbf")
)

// packers are what logs are met in and this program doesn't unpack: a scan of such
// bytes would find nothing, whatever is in them.
var packers = []struct {
	magic        []byte
	name, unpack string
}{
	{[]byte("PK\x03\x04"), "zip", "unzip -p FILE"},
	{[]byte("\xfd7zXZ\x00"), "xz", "xz -dc FILE"},
	{[]byte("7z\xbc\xaf\x27\x1c"), "7-Zip", "7z x -so FILE"},
	{[]byte("\x04\x22\x4d\x18"), "lz4", "lz4 -dc FILE"},
	{[]byte("LZIP\x01"), "lzip", "lzip -dc FILE"},
	{[]byte("Rar!\x1a\x07"), "RAR", "unrar p -inul FILE"},
	{[]byte("\x1f\x9d"), "compress", "zcat FILE"},
}

// mayBeMagic reports whether more bytes are needed to know what a stream is.
func mayBeMagic(head []byte) bool {
	starts := func(m []byte) bool { return len(head) < len(m) && bytes.HasPrefix(m, head) }
	for _, m := range [][]byte{magicGzip, magicZstd, magicBzip2, bom, magicUTF16LE, magicUTF16BE} {
		if starts(m) {
			return true
		}
	}
	for _, p := range packers {
		if starts(p.magic) {
			return true
		}
	}
	return false
}

// plain gives an uncompressed stream without its byte order mark. It reads
// straight into the caller's memory.
type plain struct {
	head []byte
	r    io.Reader
	done bool
}

func (p *plain) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		p.head = bytes.TrimPrefix(p.head, bom)
		n := copy(b, p.head)
		p.head = p.head[n:]
		if n > 0 {
			return n, nil
		}
	}
	if p.done {
		return 0, io.EOF
	}
	return p.r.Read(b)
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// bounded refuses a compressed bomb and says plainly what a decompressor means.
type bounded struct {
	r  io.Reader
	in *counter
	n  int64
}

func (d *bounded) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	d.n += int64(n)
	switch {
	case d.n > maxDense && d.n/maxRatio > d.in.n:
		return n, ErrTooDense
	case err == nil || err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, errors.New("the compressed data ends too early: what came before was read; fetch the file again")
	}
	return n, fmt.Errorf("cannot decompress: %w", err)
}
