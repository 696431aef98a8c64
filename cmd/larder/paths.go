package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// defaultCache is the location of the cache that commands use unless --cache names another.
func defaultCache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("where is the cache folder: %w; use --cache", err)
	}
	return "sqlite:" + filepath.Join(dir, "larder", "cache.db"), nil
}

// sessionDir is the folder of the saved sessions, made where it is not.
func sessionDir() (string, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("where is the session folder: %w", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	dir := filepath.Join(base, "larder", "sessions")
	return dir, os.MkdirAll(dir, 0o700)
}

// sessionFile is the file of a session.
func sessionFile(name string) (string, error) {
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) }
	if name == "" || strings.ContainsAny(name[:1], ".-") || strings.ContainsFunc(name, bad) || len(name) > 100 {
		return "", fail(exitUsage, `session name %q: want up to 100 characters, no space and none of / \ : * ? " < > |, no dot or dash in front`, name)
	}
	dir, err := sessionDir()
	return filepath.Join(dir, name), err
}

// keyFile is where the key of sealed sessions lies.
func keyFile() (string, error) {
	if name := os.Getenv("LARDER_KEY_FILE"); name != "" {
		return name, nil
	}
	base := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(base) {
		var err error
		if base, err = os.UserConfigDir(); err != nil {
			return "", fmt.Errorf("where is the key: %w; set LARDER_KEY_FILE", err)
		}
	}
	return filepath.Join(base, "larder", "key"), nil
}
