package report

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"why401/detectors"
)

// A Banlist is a Writer of the addresses to shut out, as a file that a firewall reads:
// written anew, whole, when an attack opens, grows or closes, and when a ban ends. The
// times of bans are those of the log; whether they are over goes by the clock, as the
// firewall's do.
type Banlist struct {
	TTL    time.Duration // of a ban, from the last try of its attack
	Now    func() time.Time
	Layout func([]Ban, time.Time) []byte // BanLines or BanSet
	Write  func([]byte) error            // replaces the file
	Say    func(string)                  // why the list is empty at the end though there were attacks; may be nil

	mu    sync.Mutex
	other int                        // attacks of which nobody is to be shut out
	ended int                        // bans that are over
	bans  map[netip.Prefix]time.Time // when it ends
	dirty bool
	begun bool
	next  *time.Timer
	err   error
}

// A Ban is one address or network to shut out.
type Ban struct {
	Net  netip.Prefix
	Ends time.Time
}

// Finding implements Writer.
func (b *Banlist) Finding(f detectors.Finding) error {
	s, ok := f.(*detectors.SpikeFinding)
	if !ok {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(s.Bans) == 0 {
		if s.Phase != "grown" && s.Kind != "broken_client" && s.Kind != "auth_outage" {
			b.other++
		}
		return nil
	}
	if b.bans == nil {
		b.bans = map[netip.Prefix]time.Time{}
	}
	ends := s.End
	if now := b.Now(); ends.After(now) || ends.IsZero() { // a stamp of the future, or none
		ends = now
	}
	ends = ends.Add(b.TTL)
	for _, n := range s.Bans {
		if ends.After(b.bans[n]) {
			b.bans[n] = ends
			b.dirty = true
		}
	}
	return nil
}

// Flush implements Writer.
func (b *Banlist) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dirty || !b.begun {
		b.write()
	}
	return b.err
}

// End implements Writer.
func (b *Banlist) End(*Model) error {
	err := b.Flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		b.next.Stop()
	}
	if err == nil && len(b.bans) == 0 && b.Say != nil {
		switch {
		case b.ended > 0:
			b.Say(fmt.Sprintf("nobody is to be shut out any more: %d bans were over %s after their attack's last try", b.ended, b.TTL))
		case b.other > 0:
			b.Say("nobody is to be shut out: the addresses of the attacks are private, or others log in behind them, or a person may have forgotten a password there")
		}
	}
	return err
}

// write drops the bans that are over, writes the others, and comes back when the next
// one ends.
func (b *Banlist) write() {
	now := b.Now()
	var list []Ban
	for n, ends := range b.bans {
		if !ends.After(now) {
			delete(b.bans, n)
			b.ended++
			continue
		}
		list = append(list, Ban{n, ends})
	}
	slices.SortFunc(list, func(a, c Ban) int {
		if d := a.Net.Addr().Compare(c.Net.Addr()); d != 0 {
			return d
		}
		return a.Net.Bits() - c.Net.Bits()
	})
	list = outermost(list)
	b.err = b.Write(b.Layout(list, now))
	b.dirty, b.begun = false, true
	if b.next != nil {
		b.next.Stop()
	}
	if len(list) > 0 {
		first := slices.MinFunc(list, func(a, c Ban) int { return a.Ends.Compare(c.Ends) }).Ends
		b.next = time.AfterFunc(max(first.Sub(now), time.Second), func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.write()
		})
	}
}

// outermost drops what lies in a network that the sorted list holds before it, and lets
// the network last as long.
func outermost(list []Ban) []Ban {
	keep := list[:0]
	for _, x := range list {
		if n := len(keep); n > 0 && keep[n-1].Net.Contains(x.Net.Addr()) {
			if x.Ends.After(keep[n-1].Ends) {
				keep[n-1].Ends = x.Ends
			}
			continue
		}
		keep = append(keep, x)
	}
	return keep
}

// BanLines writes an address or a network a line.
func BanLines(list []Ban, _ time.Time) []byte {
	var b bytes.Buffer
	for _, x := range list {
		if x.Net.IsSingleIP() {
			fmt.Fprintln(&b, x.Net.Addr())
		} else {
			fmt.Fprintln(&b, x.Net)
		}
	}
	return b.Bytes()
}

// BanSet writes two sets of nftables that nft -f takes at once; rules refer to them as
// @banned4 and @banned6 of the table inet why401.
func BanSet(list []Ban, now time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("add table inet why401\n")
	for _, set := range []struct {
		name, kind string
		is4        bool
	}{{"banned4", "ipv4_addr", true}, {"banned6", "ipv6_addr", false}} {
		fmt.Fprintf(&b, "add set inet why401 %s { type %s; flags interval, timeout; }\nflush set inet why401 %[1]s\n", set.name, set.kind)
		for _, x := range list {
			if x.Net.Addr().Is4() != set.is4 {
				continue
			}
			net := x.Net.String()
			if x.Net.IsSingleIP() {
				net = x.Net.Addr().String()
			}
			fmt.Fprintf(&b, "add element inet why401 %s { %s timeout %ds }\n", set.name, net, max(1, int64(x.Ends.Sub(now)/time.Second)))
		}
	}
	return b.Bytes()
}
