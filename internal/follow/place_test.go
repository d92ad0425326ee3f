package follow

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// A place is found in every copy of its file that reaches it, in no other.
func TestPlaceKnowsItsFile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 600<<10)
	for i := range data {
		data[i] = "ab\n"[rnd.IntN(3)]
	}
	for _, at := range []int64{1, 5, 63, 64, 65, 1023, 1024, 1025, 5000, 256 << 10, 256<<10 + 1, int64(len(data))} {
		p := place{Offset: at}
		if err := p.remember(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		try := func(what string, file []byte, want bool) {
			t.Helper()
			if p.in(bytes.NewReader(file), int64(len(file))) != want {
				t.Errorf("at %d: in the %s: not %v", at, what, want)
			}
			r := bytes.NewReader(file)
			k, ok := p.skip(r)
			if ok != want {
				t.Errorf("at %d: skipped in the %s: not %v", at, what, want)
			}
			if ok && (int64(r.Len()) != int64(len(file))-at || !bytes.Equal(k.last(), file[max(0, at-markLen):at])) {
				t.Errorf("at %d: skipped to another place", at)
			}
		}
		try("file", data, true)
		try("file as read", data[:at], true)
		try("shorter file", data[:at-1], false)
		other := bytes.Clone(data)
		other[at-1] ^= 1
		try("file with another end", other, false)
		other = bytes.Clone(data)
		other[0] ^= 1
		try("file with another start", other, false)
	}
}

func TestMarkerKeepsTheLastBytes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var k marker
	var all []byte
	for range 1000 {
		p := make([]byte, rnd.IntN(100))
		for i := range p {
			p[i] = byte(rnd.Uint32())
		}
		k.add(p)
		all = append(all, p...)
		if want := all[max(0, len(all)-markLen):]; !bytes.Equal(k.last(), want) {
			t.Fatalf("keeps %x, want %x", k.last(), want)
		}
	}
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"version":1,"places":[{"path":"a","offset":5,"head":{"len":5,"crc":1},"mark":{"len":5,"crc":2}}]}`), []byte("hello world\n"))
	f.Add([]byte(`{"version":1,"journal":[{"unit":"a","cursor":"s=1;i=2","line":3}]}`), []byte(`{"__CURSOR":"s=1;i=2"}`))
	f.Fuzz(func(t *testing.T, data, file []byte) {
		if c := lastCursor(file); c != "" && !isCursor(c) {
			t.Errorf("%q is taken for a cursor", c)
		}
		st, why := decode(data)
		if why != "" {
			return
		}
		p := st.Places
		for i := range p {
			p[i].in(bytes.NewReader(file), int64(len(file)))
			p[i].skip(bytes.NewReader(file))
		}
	})
}
