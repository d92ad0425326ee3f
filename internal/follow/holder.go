package follow

import (
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A holder cuts a log into blocks and holds the lines of the last entry back until
// it is complete: until another entry starts, or nothing came for a moment.
type holder struct {
	cut     *engine.LiveCutter
	mem     *[]byte   // where blocks are put, shared by all
	grown   time.Time // when something was last added
	holding time.Time // since when whole lines are held; zero for none
}

const (
	quiet = 5 * time.Millisecond  // after which an entry is complete
	held  = 50 * time.Millisecond // the longest time that lines are held
)

func (h *holder) add(p []byte, now time.Time) {
	h.cut.Add(p)
	h.grown = now
	if h.holding.IsZero() && h.cut.Holds() {
		h.holding = now
	}
}

// release returns when what is held goes out.
func (h *holder) release() time.Time {
	if t := h.grown.Add(quiet); t.Before(h.holding.Add(held)) {
		return t
	}
	return h.holding.Add(held)
}

// hand fills b with what is ready.
func (h *holder) hand(b *parsers.Block, now time.Time, all bool) bool {
	if !h.cut.Next(b, h.mem, all || !h.holding.IsZero() && !now.Before(h.release())) {
		if !h.cut.Holds() {
			h.holding = time.Time{}
		}
		return false
	}
	h.holding = time.Time{}
	if h.cut.Holds() {
		h.holding = now
	}
	return true
}
