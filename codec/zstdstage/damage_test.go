package zstdstage_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/codec/zstdstage"
)

// FuzzZstd: whatever comes, the stage answers with bytes or with an error of package codec, and what it wrote it reads.
func FuzzZstd(f *testing.F) {
	s, err := zstdstage.New(1)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "hello", string(bytes.Repeat([]byte("a"), 1000))} {
		data, err := s.Encode(nil, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := s.Decode([]byte("before"), data)
		switch {
		case err == nil && !bytes.HasPrefix(out, []byte("before")):
			t.Fatalf("it wrote over what was there: %q", out)
		case err != nil && !errors.Is(err, codec.ErrCorrupt) && !errors.Is(err, codec.ErrTooLarge):
			t.Fatalf("an error of no kind: %v", err)
		}
		encoded, err := s.Encode(nil, data)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := s.Decode(nil, encoded); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%q comes back as %q: %v", data, back, err)
		}
	})
}

// TestEveryCutIsSeen: a content that goes through the stages alone has no other guard.
func TestEveryCutIsSeen(t *testing.T) {
	s, err := zstdstage.New(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "hello", string(bytes.Repeat([]byte("larder "), 100))} {
		data, err := s.Encode(nil, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			if _, err := s.Decode(nil, data[:n]); !errors.Is(err, codec.ErrCorrupt) {
				t.Errorf("%.10q cut to %d of %d bytes: got %v, want ErrCorrupt", text, n, len(data), err)
			}
		}
	}
}

// TestOneFrame: whoever appends another one, or one that is skipped, changes nothing unseen.
func TestOneFrame(t *testing.T) {
	for _, level := range []int{1, 3, 19} {
		s, err := zstdstage.New(level)
		if err != nil {
			t.Fatal(err)
		}
		frame := func(text string) []byte {
			data, err := s.Encode(nil, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		skipped := []byte{0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2}
		for _, text := range []string{"", "hello", string(make([]byte, 3<<20)), random(1 << 20)} { // no block, raw, repeated, many
			if back, err := s.Decode(nil, frame(text)); err != nil || string(back) != text {
				t.Errorf("level %d: %d bytes do not come back: %v", level, len(text), err)
			}
			for _, data := range [][]byte{
				append(frame(text), frame("")...), append(frame(text), frame("more")...), append(frame(text), skipped...),
				append(bytes.Clone(skipped), frame(text)...), append(frame(text), 0),
			} {
				if _, err := s.Decode(nil, data); !errors.Is(err, codec.ErrCorrupt) {
					t.Errorf("level %d: more than a frame of %d bytes: got %v, want ErrCorrupt", level, len(text), err)
				}
			}
		}
	}
	s, _ := zstdstage.New(0)
	if _, err := s.Decode(nil, []byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("a frame to skip alone: %v", err)
	}
}

// random is text that does not compress.
func random(n int) string {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}

// TestBombThatHidesItsSize: a frame need not say how long its content is, and then only counting helps.
func TestBombThatHidesItsSize(t *testing.T) {
	var bomb bytes.Buffer
	w, err := zstd.NewWriter(&bomb)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range codec.MaxDecoded/len(zeros) + 1 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := zstdstage.New(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decode(nil, bomb.Bytes()); !errors.Is(err, codec.ErrTooLarge) {
		t.Errorf("%d bytes: got %v, want ErrTooLarge", bomb.Len(), err)
	}
}
