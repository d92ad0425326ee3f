package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// A receiver is a server that keeps what is posted to it.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []string
}

func newReceiver() *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		raw, _ := io.ReadAll(req.Body)
		var body bytes.Buffer
		_ = json.Compact(&body, raw)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, req.URL.Path+" "+body.String())
	}))
	return r
}

func (r *receiver) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.got, "\n") + "\n"
}

type receiverKey struct{}

// receive starts a receiver, puts its URL into the variable and into am.url:
// receive VARIABLE
func receive(ts *testscript.TestScript, _ bool, args []string) {
	r := newReceiver()
	ts.Defer(r.Close)
	ts.Setenv(args[0], r.URL)
	ts.Check(os.WriteFile(ts.MkAbs("am.url"), []byte(r.URL+"\n"), 0o600))
	*ts.Value(receiverKey{}).(**receiver) = r
}

// received writes what the last receiver got: received FILE
func received(ts *testscript.TestScript, _ bool, args []string) {
	r := *ts.Value(receiverKey{}).(**receiver)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(r.all()), 0o600))
}
