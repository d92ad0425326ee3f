package leak

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var tune = flag.Bool("tune", false, "look for a gramMul that fits the prefilter's words of today")

// TestVainGroups says that few places of ordinary logs are taken for a word's because
// different groups of bytes share a place of the table. Each costs as much as a
// hundred bytes without any.
func TestVainGroups(t *testing.T) {
	log := newDullLog(401)
	var text []byte
	for len(text) < 1<<20 {
		text = append(append(text, log.line()...), '\n')
	}
	lower(text)
	counts := map[uint32]int{} // of four bytes in a row
	for i := 3; i < len(text); i++ {
		counts[four(string(text[i-3:i+1]))]++
	}
	type shown struct {
		group  uint32
		follow uint8
	}
	var groups []shown
	exact := map[uint32]bool{}
	for _, w := range builtin().words {
		for o := int(w.win); o < int(w.win)+2; o++ {
			if o+4 <= len(w.text) {
				groups = append(groups, shown{four(w.text[o:]), follow[w.text[o+3]]})
				exact[four(w.text[o:])] = true
			} else {
				groups = append(groups, shown{four(w.text[o:] + "\x00"), 0xFF})
				exact[four(w.text[o:]+"\x00")] = true
			}
		}
	}
	vain := func(mul uint32) (n int) {
		var flags [1 << gramBits]uint8
		place := func(x uint32) uint32 { return x * (mul << 8) >> (32 - gramBits) }
		for _, g := range groups {
			flags[place(g.group)] |= g.follow
		}
		for x, k := range counts {
			if flags[place(x)]&follow[x>>24] != 0 && !exact[x] && !exact[x&0xFFFFFF] {
				n += k
			}
		}
		return n
	}
	best := uint32(gramMul)
	if *tune {
		r := rand.New(rand.NewPCG(1, 2))
		for range 5000 {
			if mul := r.Uint32() | 1; vain(mul) < vain(best) {
				best = mul
			}
		}
		t.Logf("gramMul = 0x%X", best&0xFFFFFF)
	}
	if n := vain(best); n > len(text)/64 {
		t.Errorf("%d of %d places: look for another gramMul with -tune, or use more gramBits", n, len(text))
	} else {
		t.Logf("%d of %d places", n, len(text))
	}
}

// four are the first four bytes of text, the lowest first.
func four(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}
