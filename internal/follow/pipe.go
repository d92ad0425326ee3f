package follow

import (
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A pipe is standard input or a FIFO. A goroutine reads it, and is left behind
// when nothing comes any more.
type pipe struct {
	holder
	source *parsers.Source
	ended  bool

	mu   sync.Mutex
	in   []byte // read and not taken
	eof  bool
	err  error
	room chan struct{}
	warn func(string)
}

func (f *Follower) addStdin() {
	f.startPipe("-", func() (io.Reader, error) {
		return (&engine.Log{Name: "-", Stdin: f.opt.Stdin}).Open()
	})
}

// addPipe turns a log whose path leads to a FIFO into a pipe.
func (f *Follower) addPipe(l *logFile) {
	if l.pipe {
		return
	}
	l.pipe = true
	f.startPipe(l.name, func() (io.Reader, error) {
		file, err := os.OpenFile(l.path, os.O_RDWR, 0) // held open for writing too: it outlasts its writers
		if err != nil {
			file, err = os.Open(l.path)
		}
		if err != nil {
			return nil, err
		}
		if info, err := file.Stat(); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
			file.Close()
			return nil, fs.ErrInvalid
		}
		return file, nil
	})
}

func (f *Follower) startPipe(name string, open func() (io.Reader, error)) {
	p := &pipe{source: f.newSource(name), room: make(chan struct{}, 1)}
	p.warn = func(msg string) { f.warn(name + ": " + msg) }
	p.mem = &f.mem
	p.cut = engine.NewLiveCutter(p.source, 1, nil, nil)
	f.pipes = append(f.pipes, p)
	go func() {
		r, err := open()
		for buf := make([]byte, 64<<10); err == nil; {
			var n int
			n, err = r.Read(buf)
			p.mu.Lock()
			p.in = append(p.in, buf[:n]...)
			full := len(p.in) > 1<<20
			p.mu.Unlock()
			f.poke()
			if full && err == nil {
				<-p.room
			}
		}
		p.mu.Lock()
		p.eof = true
		if err != io.EOF {
			p.err = err
		}
		p.mu.Unlock()
		f.poke()
	}()
}

// next fills b with what is ready.
func (p *pipe) next(b *parsers.Block, now time.Time, all bool) bool {
	if p.ended {
		return false
	}
	p.mu.Lock()
	if len(p.in) > 0 {
		p.add(p.in, now)
		p.in = p.in[:0]
		select {
		case p.room <- struct{}{}:
		default:
		}
	}
	eof := p.eof
	p.mu.Unlock()
	if eof || all {
		p.cut.End()
	}
	p.source.ModTime = now
	if p.hand(b, now, all) {
		return true
	}
	if eof && p.cut.Partial() == 0 {
		p.ended = true
		if p.err != nil {
			p.warn("cannot read on: " + plain(p.err))
		}
	}
	return false
}
