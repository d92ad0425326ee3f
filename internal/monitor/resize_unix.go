//go:build unix

package monitor

import (
	"os"
	"os/signal"
	"syscall"
)

// resizes tells when the terminal has got another size.
func resizes() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}
