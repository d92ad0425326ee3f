package monitor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// still is how long the reading of logs may show nothing before it counts as hung.
const still = 15 * time.Second

// A Server serves the state of a run over HTTP.
type Server struct {
	http *http.Server
	ln   net.Listener
}

// Listen opens an address for a server: HOST:PORT or :PORT, which is loopback. It
// refuses others unless open.
func Listen(address string, open bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, errors.New("not HOST:PORT")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); !open && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("is not an address of this machine alone")
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if sys := (*os.SyscallError)(nil); errors.As(err, &sys) {
		err = sys.Err
	}
	return ln, err
}

// Serve serves handler on ln until Close.
func Serve(ln net.Listener, handler http.Handler) *Server {
	s := &Server{ln: ln, http: &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
	}}
	go func() { _ = s.http.Serve(ln) }()
	return s
}

// Address is where the server listens.
func (s *Server) Address() string { return s.ln.Addr().String() }

// Close ends the server within a second.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}

// Metrics serves /metrics and /healthz.
func (s *State) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		shot := s.Snapshot()
		_ = shot.WriteMetrics(w)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		shot := s.Snapshot()
		problems := shot.Problems(time.Now(), still)
		if len(problems) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintln(w, strings.Join(problems, "\n"))
			return
		}
		_, _ = fmt.Fprintln(w, "every source is read")
	})
	return mux
}
