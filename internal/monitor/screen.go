package monitor

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// A Screen shows a state on a terminal until it is closed. It draws on the
// alternate screen, so that the terminal is afterwards as it was before.
type Screen struct {
	state   *State
	view    View // what doesn't change between pictures
	out     *os.File
	keys    *os.File // nil if none can be read
	raw     *term.State
	stop    func()
	done    chan struct{}
	mu      sync.Mutex
	said    bytes.Buffer // messages, for when the screen is gone
	recent  []string
	paused  *Snapshot // shown while paused
	pressed chan byte
}

const (
	frame       = 250 * time.Millisecond // between pictures, while nothing is found
	soonest     = 50 * time.Millisecond  // and while a lot is
	maxMessages = 64 << 10               // bytes kept for the end
)

// Open takes over a terminal. Keys come from in if it is one, else from the
// process's terminal; quit is called when the user wants to leave.
func Open(state *State, out, in *os.File, colours bool, zone *time.Location, quit func()) *Screen {
	ctx, stop := context.WithCancel(context.Background())
	s := &Screen{state: state, view: View{Colours: colours, Zone: zone}, out: out, stop: stop, done: make(chan struct{}), pressed: make(chan byte, 16)}
	if !term.IsTerminal(int(in.Fd())) {
		in, _ = os.OpenFile("/dev/tty", os.O_RDWR, 0)
	}
	if in != nil {
		if raw, err := term.MakeRaw(int(in.Fd())); err == nil {
			s.keys, s.raw = in, raw
			go s.read()
		}
	}
	s.view.Keys = s.raw != nil
	_, _ = io.WriteString(out, "\x1b[?1049h\x1b[?25l\x1b[2J")
	resized, ignore := resizes()
	go func() {
		defer close(s.done)
		defer ignore()
		s.run(ctx, resized, quit)
	}()
	return s
}

// Close gives the terminal back, and returns what was written to the Screen.
func (s *Screen) Close() string {
	s.stop()
	<-s.done
	_, _ = io.WriteString(s.out, "\x1b[?25h\x1b[?1049l")
	if s.raw != nil {
		_ = term.Restore(int(s.keys.Fd()), s.raw)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// Write takes messages of the program, which would spoil the picture: the latest
// are shown in it, and all are there again at the end.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said.Len()+len(p) <= maxMessages {
		s.said.Write(p)
	}
	for line := range strings.Lines(string(p)) {
		s.recent = append(s.recent[max(0, len(s.recent)-1):], strings.TrimSuffix(line, "\n"))
	}
	return len(p), nil
}

// read hands on keys. It ends with the process: nothing wakes a read of a terminal.
func (s *Screen) read() {
	buf := make([]byte, 64)
	for {
		n, err := s.keys.Read(buf)
		for _, c := range buf[:n] {
			select {
			case s.pressed <- c:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

func (s *Screen) run(ctx context.Context, resized <-chan os.Signal, quit func()) {
	old := ""
	for {
		text := s.picture()
		if text != old {
			// Synchronized output: terminals that know it show the whole at once.
			_, _ = io.WriteString(s.out, "\x1b[?2026h\x1b[H"+text+"\x1b[?2026l")
			old = text
		}
		began := time.Now()
		timer := time.NewTimer(frame)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-resized:
			_, _ = io.WriteString(s.out, "\x1b[2J")
			old = ""
		case <-s.state.Changed():
			if !pause(ctx, soonest-time.Since(began)) {
				return
			}
		case key := <-s.pressed:
			switch key {
			case 'q', 'Q', 3, 4: // Ctrl-C and Ctrl-D are keys like others here
				quit()
			case 'p', 'P', ' ':
				s.pauseOrGoOn()
			case 12: // Ctrl-L
				old = ""
			}
		}
		timer.Stop()
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (s *Screen) pauseOrGoOn() {
	if s.paused != nil {
		s.paused = nil
		return
	}
	shot := s.state.Snapshot()
	s.paused = &shot
}

// picture draws the state for the terminal as it is now.
func (s *Screen) picture() string {
	v := s.view
	var err error
	if v.Width, v.Height, err = term.GetSize(int(s.out.Fd())); err != nil || v.Width <= 0 || v.Height <= 0 {
		v.Width, v.Height = 80, 24
	}
	v.Now, v.Paused = time.Now(), s.paused != nil
	s.mu.Lock()
	v.Messages = append([]string(nil), s.recent...)
	s.mu.Unlock()
	shot := s.paused
	if shot == nil {
		now := s.state.Snapshot()
		shot = &now
	}
	var b strings.Builder
	for i, line := range v.Draw(shot) {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(line)
	}
	return b.String()
}
