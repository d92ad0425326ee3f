package spike

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"net/netip"
)

// errState says that a state can't be read back. What was read is no part of it.
var errState = errors.New("is damaged")

// A coder writes values or reads them back, each by the same call, so that what is
// written and what is read can't differ. The first error ends its work.
type coder struct {
	w   *bufio.Writer // nil where it reads
	r   *bufio.Reader
	sum hash.Hash32
	buf [binary.MaxVarintLen64]byte
	now int64 // event time, where a tracker is written
	err error
}

func writing(w io.Writer) *coder {
	c := &coder{sum: crc32.NewIEEE()}
	c.w = bufio.NewWriter(io.MultiWriter(w, c.sum))
	return c
}

func reading(r io.Reader) *coder { return &coder{r: bufio.NewReader(r), sum: crc32.NewIEEE()} }

func (c *coder) damaged() {
	if c.err == nil {
		c.err = errState
	}
}

// bytes writes b, or fills it.
func (c *coder) bytes(b []byte) {
	if c.err != nil {
		clear(b)
		return
	}
	if c.w != nil {
		_, c.err = c.w.Write(b)
		return
	}
	if _, err := io.ReadFull(c.r, b); err != nil {
		clear(b)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errState
		}
		c.err = err
		return
	}
	_, _ = c.sum.Write(b)
}

// end writes the sum of all that went before, or compares it.
func (c *coder) end() error {
	if c.w != nil && c.err == nil {
		c.err = c.w.Flush()
	}
	sum := uint64(c.sum.Sum32())
	was := sum
	c.hash(&was)
	if was != sum {
		c.damaged()
	}
	if c.w != nil && c.err == nil {
		c.err = c.w.Flush()
	}
	return c.err
}

// hash codes what takes all of its bits.
func (c *coder) hash(p *uint64) {
	b := c.buf[:8]
	binary.LittleEndian.PutUint64(b, *p)
	c.bytes(b)
	*p = binary.LittleEndian.Uint64(b)
}

type integer interface {
	~int | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// number codes what is mostly small.
func number[T integer](c *coder, p *T) {
	if c.w != nil {
		c.bytes(binary.AppendVarint(c.buf[:0], int64(*p)))
		return
	}
	var u uint64
	for shift := 0; ; shift += 7 {
		b := c.buf[:1]
		c.bytes(b)
		if shift == 63 && b[0] > 1 {
			c.damaged()
		}
		u |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 || c.err != nil {
			break
		}
	}
	x := int64(u>>1) ^ -int64(u&1)
	if *p = T(x); int64(*p) != x {
		c.damaged()
		*p = 0
	}
}

func numbers[T integer](c *coder, ps ...*T) {
	for _, p := range ps {
		number(c, p)
	}
}

func hashes(c *coder, ps ...*uint64) {
	for _, p := range ps {
		c.hash(p)
	}
}

func (c *coder) flags(ps ...*bool) {
	var bits uint64
	for i, p := range ps {
		if *p {
			bits |= 1 << i
		}
	}
	number(c, &bits)
	for i, p := range ps {
		*p = bits&(1<<i) != 0
	}
}

func (c *coder) floats(ps ...*float64) {
	for _, p := range ps {
		bits := math.Float64bits(*p)
		c.hash(&bits)
		if *p = math.Float64frombits(bits); math.IsNaN(*p) || math.IsInf(*p, 0) {
			c.damaged()
			*p = 0
		}
	}
}

func (c *coder) float(p *float32) {
	x := float64(*p)
	c.floats(&x)
	*p = float32(x)
}

func (c *coder) text(p *string) {
	b := []byte(*p)
	c.blob(&b)
	*p = string(b)
}

func (c *coder) blob(p *[]byte) {
	const longest = 1 << 20
	n := c.count(len(*p), longest)
	if c.w == nil {
		*p = make([]byte, n)
	}
	c.bytes(*p)
}

// count codes how many values follow; 0 of a damaged state.
func (c *coder) count(n, most int) int {
	number(c, &n)
	if n < 0 || n > most {
		c.damaged()
	}
	if c.err != nil {
		return 0
	}
	return n
}

func (c *coder) address(p *netip.Addr) {
	b, _ := p.MarshalBinary()
	c.blob(&b)
	if c.w == nil && p.UnmarshalBinary(b) != nil {
		c.damaged()
	}
}

func (c *coder) prefix(p *netip.Prefix) {
	b, _ := p.MarshalBinary()
	c.blob(&b)
	if c.w == nil && p.UnmarshalBinary(b) != nil {
		c.damaged()
	}
}

// list codes a slice by coding each value.
func list[T any](c *coder, s *[]T, each func(*T)) {
	const most = 1 << 27
	n := c.count(len(*s), most)
	for i := range n {
		if c.w == nil {
			if c.err != nil {
				return
			}
			*s = append(*s, *new(T))
		}
		each(&(*s)[i])
	}
}
