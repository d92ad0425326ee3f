//go:build unix

package engine

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestPipesAreReadOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if LooksCaptured(name) { // and it doesn't wait for somebody to write
		t.Error("a pipe is no capture")
	}
}
