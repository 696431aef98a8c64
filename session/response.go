package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/larder-go/larder/internal/redact"
)

// Response is an answer to a session's request. Its body streams; the caller closes it, or calls a method that does.
type Response struct {
	*http.Response
	History []*http.Response // the redirects that led here, oldest first; their bodies are closed
	Elapsed time.Duration    // until the head of this response had come, redirects included

	data []byte
	read bool
}

// Bytes reads the body to its end and closes it. Called again it returns the same bytes.
func (r *Response) Bytes() ([]byte, error) {
	if r.read {
		return r.data, nil
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return data, fmt.Errorf("session: response: body: %w", err)
	}
	r.data, r.read = data, true
	return data, nil
}

// Text reads the body, closes it, and returns it as text, decoded by the first of: a byte order mark, the charset of
// Content-Type, the meta tag of an HTML page, UTF-8. Bytes has the bytes, before and after.
func (r *Response) Text() (string, error) {
	data, err := r.Bytes()
	if err != nil {
		return "", err
	}
	contentType := r.Header.Get("Content-Type")
	mediaType, params, _ := mime.ParseMediaType(contentType)
	marked := bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\xff\xfe"))
	isHTML := mediaType == "text/html" || mediaType == "application/xhtml+xml"
	if !marked && params["charset"] == "" && !isHTML {
		return strings.ToValidUTF8(string(data), "\ufffd"), nil
	}
	enc, _, certain := charset.DetermineEncoding(data, contentType)
	if !certain && !declared(data) {
		return strings.ToValidUTF8(string(data), "\ufffd"), nil
	}
	text, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return "", fmt.Errorf("session: response: text: %w", err)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// declared reports whether a page names its charset in a meta tag near its beginning.
func declared(page []byte) bool {
	head := bytes.ToLower(page[:min(len(page), 1024)])
	return bytes.Contains(head, []byte("<meta")) && bytes.Contains(head, []byte("charset"))
}

// JSON reads the body, closes it, and fills what v points to from it.
func (r *Response) JSON(v any) error {
	data, err := r.Bytes()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("session: response: %s: body: %w", r.where(), err)
	}
	return nil
}

// maxErrorBody is how much of a body a StatusError keeps, in bytes.
const maxErrorBody = 1 << 10

// StatusError is the answer 4xx or 5xx as an error.
type StatusError struct {
	Method     string
	URL        string // without secrets
	StatusCode int
	Status     string // "404 Not Found"
	Body       []byte // the first KiB
}

// Error implements error. It does not show the body.
func (e *StatusError) Error() string { return "session: " + e.Method + " " + e.URL + ": " + e.Status }

// Err returns a *StatusError for 4xx and 5xx, and closes the body then; else nil, and the body is left alone.
func (r *Response) Err() error {
	if r.StatusCode < 400 {
		return nil
	}
	e := &StatusError{URL: r.where(), StatusCode: r.StatusCode, Status: r.Status}
	if r.Request != nil {
		e.Method = r.Request.Method
	}
	if r.read {
		e.Body = bytes.Clone(r.data[:min(len(r.data), maxErrorBody)])
		return e
	}
	defer r.Body.Close()
	e.Body, _ = io.ReadAll(io.LimitReader(r.Body, maxErrorBody)) // what came before a break is kept
	return e
}

// where is the address that answered, without secrets.
func (r *Response) where() string {
	if r.Request == nil || r.Request.URL == nil {
		return "[no address]"
	}
	return redact.URL(r.Request.URL)
}
