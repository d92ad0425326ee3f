package spike

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"why401/detectors"
	"why401/rules"
)

// testKey is a key that outlives a run.
func testKey(s string) *detectors.Key { return detectors.StoredKey([]byte("a secret of 16 b" + s)) }

// busy is a day with every attack and trap.
func busy(names bool) []detectors.Attempt {
	d := newDay(names)
	d.seed = stateSeed
	d.customers(0, 8, 12)
	for _, a := range attacks {
		a.make(d)
	}
	for _, a := range traps {
		a.make(d)
	}
	d.login(7500, ip("203.0.113.9"), "cust5", 0, "tool")
	for i := range d.attempts {
		d.attempts[i].Fingerprint = d.key("common") ^ 1<<63
	}
	for i := range 60 {
		c := rules.BadCredentials
		if i%25 == 9 {
			c = rules.None
		}
		d.printed(16000+float64(i)*60, rented(2000+i), fmt.Sprintf("cust%d", 30*i), c, fmt.Sprint("browser", i%30), "own")
	}
	return d.sorted()
}

var stateSeed = maphash.MakeSeed()

// A run that is cut anywhere, saved and restored, finds what one run finds.
func TestSavedAndRestored(t *testing.T) {
	for _, cfg := range []Config{{Phases: true}, {Phases: true, Memory: 1 << 20}, {}} {
		for _, names := range []bool{true, false} {
			if !names && cfg.Memory == 0 {
				continue // as above
			}
			all := busy(names)
			cfg.Key = testKey("")
			want := asJSON(t, run(cfg, all))
			for cuts := 1; cuts <= 6; cuts += 5 {
				var got []*detectors.SpikeFinding
				report := func(f detectors.Finding) { got = append(got, f.(*detectors.SpikeFinding)) }
				tr := New(cfg)
				for i := range all {
					if i%(len(all)/(cuts+1)) == 17 {
						tr = restored(t, cfg, tr)
					}
					tr.Observe(&all[i], report)
				}
				tr = restored(t, cfg, tr)
				tr.Flush(report)
				if got := asJSON(t, got); got != want {
					t.Fatalf("names=%v memory=%d, cut %d times:\n%s", names, cfg.Memory, cuts, cmp.Diff(want, got))
				}
			}
		}
	}
}

func asJSON(t *testing.T, fs []*detectors.SpikeFinding) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, f := range fs {
		if err := enc.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func restored(t *testing.T, cfg Config, tr *Tracker) *Tracker {
	t.Helper()
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		t.Fatal(err)
	}
	n := New(cfg)
	if err := n.Restore(bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	return n
}

// Every field is saved, and the same state gives the same bytes.
func TestSaveIsWhole(t *testing.T) {
	all := busy(true)
	cfg := Config{Key: testKey(""), Memory: 1 << 19}
	tr := New(cfg)
	for i := range all[:len(all)*9/10] {
		tr.Observe(&all[i], func(detectors.Finding) {})
	}
	n := restored(t, cfg, tr)
	diff := cmp.Diff(tr, n, cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.Comparer(func(a, b index) bool { return a.n == b.n }),
		cmp.Comparer(func(a, b detectors.Key) bool { return true }),
		cmp.Comparer(func(a, b calm) bool { return true }), cmp.Comparer(func(a, b decay) bool { return true }),
		cmpopts.IgnoreFields(Tracker{}, "report", "form"), cmpopts.IgnoreFields(campaign{}, "changed", "usual"),
		cmpopts.IgnoreFields(table[source, *source]{}, "recent"), cmpopts.IgnoreFields(table[account, *account]{}, "recent"),
		cmpopts.IgnoreFields(table[group, *group]{}, "recent"), cmpopts.IgnoreFields(table[repeat, *repeat]{}, "recent"),
		cmp.Comparer(sameEntries[visit]), cmp.Comparer(sameEntries[loginEntry]), cmpopts.EquateEmpty())
	if diff != "" {
		t.Error(diff)
	}
	var a, b bytes.Buffer
	if err := errors.Join(tr.Save(&a), n.Save(&b)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same state was written otherwise", err)
	}
}

func sameEntries[T comparable](a, b ring[T]) bool {
	same := a.first == b.first && a.next == b.next
	for seq := a.first; same && seq < a.next; seq++ {
		same = *a.at(seq) == *b.at(seq)
	}
	return same
}

// A smaller bound keeps the latest.
func TestRestoreWithLessMemory(t *testing.T) {
	all := busy(true)
	key := testKey("")
	tr := New(Config{Key: key})
	for i := range all {
		tr.Observe(&all[i], func(detectors.Finding) {})
	}
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		t.Fatal(err)
	}
	for _, memory := range []int64{1 << 17, 1 << 20, 128 << 20} {
		n := New(Config{Key: key, Memory: memory})
		if err := n.Restore(bytes.NewReader(b.Bytes())); err != nil {
			t.Fatal(err)
		}
		for i := range all {
			all[i].Time += 12 * hour
			n.Observe(&all[i], func(detectors.Finding) {})
			all[i].Time -= 12 * hour
		}
		n.Flush(func(detectors.Finding) {})
	}
}

// A state of another key or version, or a damaged one, is refused and changes nothing.
func TestRestoreRefuses(t *testing.T) {
	all := busy(true)
	key := testKey("")
	tr := New(Config{Key: key})
	for i := range all[:len(all)/2] {
		tr.Observe(&all[i], func(detectors.Finding) {})
	}
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	if err := New(Config{Key: testKey("other")}).Restore(bytes.NewReader(whole)); !errors.Is(err, ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	n := New(Config{Key: key})
	for _, bad := range [][]byte{nil, whole[:10], whole[:len(whole)/2], whole[:len(whole)-1], append([]byte("x"), whole...), flipped(whole, len(whole)/3), flipped(whole, len(stateMagic))} {
		if n.Restore(bytes.NewReader(bad)) == nil {
			t.Errorf("a state of %d bytes, of %d, was taken", len(bad), len(whole))
		}
		if n.now != 0 || n.sources.n != 0 {
			t.Fatal("a state that was refused left something")
		}
	}
}

func flipped(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 0x40
	return c
}

// Whatever stands in a state, nothing panics, then or later.
func FuzzRestore(f *testing.F) {
	key := testKey("")
	cfg := Config{Key: key, Memory: 1 << 16}
	tr := New(cfg)
	all := busy(true)[:300] // more make each input slow
	for i := range all {
		tr.Observe(&all[i], func(detectors.Finding) {})
	}
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		f.Fatal(err)
	}
	head := len(stateMagic) + 1 + 8
	f.Add(b.Bytes()[head : b.Len()-8])
	for i := range 50 { // what mutations of so long an input seldom hit
		c := bytes.Clone(b.Bytes()[head : b.Len()-8])
		c[i*len(c)/50] ^= byte(i*37 + 1)
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		state := append(bytes.Clone(b.Bytes()[:head]), body...)
		sum := crc32.ChecksumIEEE(state)
		state = append(state, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24), 0, 0, 0, 0)
		n := New(cfg)
		if n.Restore(bytes.NewReader(state)) != nil {
			return
		}
		for i := range all {
			n.Observe(&all[i], func(detectors.Finding) {})
		}
		n.Flush(func(f detectors.Finding) { _ = fmt.Sprint(f) })
	})
}

// TestNamesLeaveTheState keeps no name in a state that nobody used for a day.
func TestNamesLeaveTheState(t *testing.T) {
	d := newDay(true)
	d.login(0, rented(1), "somebody of old", rules.None, "")
	d.login(26*3600, rented(2), "somebody of late", rules.None, "")
	tr := New(Config{Key: testKey("")})
	for i := range d.attempts {
		for range 3 { // a step of a day has to be told thrice
			tr.Observe(&d.attempts[i], nil)
		}
	}
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("of old")) || !bytes.Contains(b.Bytes(), []byte("of late")) {
		t.Error("names kept are not those of the last day")
	}
}

// TestSmallForLong expects a small site to stay one, however long its state lasts.
func TestSmallForLong(t *testing.T) {
	d := newDay(true)
	for day := range 31 {
		for i := range 5 {
			d.login(float64(day)*86400+float64(i)*3600, rented(day*5+i), fmt.Sprint("user", day, i), rules.None, "")
			d.login(float64(day)*86400+float64(i)*3600+1800, rented(day*5+i), fmt.Sprint("user", day, i), rules.None, "")
		}
	}
	for i := range 6 {
		d.login(30*86400+2*3600+float64(i)*60+30*d.rng.Float64(), ip("203.0.113.9"), "user00", rules.BadCredentials, "")
	}
	if fs := run(Config{}, d.sorted()); kinds(fs)["brute_force"] != 1 {
		t.Error(show(fs))
	}
}
