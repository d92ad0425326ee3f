//go:build !linux

package follow

import "os"

// descriptorPath returns "": without a path that leads to an open file, files are
// polled with the reader alone.
func descriptorPath(*os.File, bool) string { return "" }
