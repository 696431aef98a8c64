package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// buffers are where bodies are read to. A reader of its own, instead of io.Copy, treats all bodies alike: some can write
// themselves to io.Discard without a copy.
var buffers = sync.Pool{New: func() any { return new([32 * kib]byte) }}

// fetch gets a body, reads it to its end, and wants it to have size bytes.
func fetch(c *http.Client, url string, size int) error {
	resp, err := c.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	buf := buffers.Get().(*[32 * kib]byte)
	defer buffers.Put(buf)
	total := 0
	for err == nil {
		var n int
		n, err = resp.Body.Read(buf[:])
		total += n
	}
	if err != io.EOF {
		return err
	}
	if total != size || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s, %d bytes, want %d", url, resp.Status, total, size)
	}
	return nil
}

// fetchExactly gets a body and wants it to be want.
func fetchExactly(c *http.Client, url string, want []byte) error {
	resp, err := c.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s: the body (%d bytes) is another", url, len(got))
	}
	return nil
}
