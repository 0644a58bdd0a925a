"""Generate text with llama.cpp in this process, from a GGUF file.

The model serves one request at a time; further calls wait here, unnoticed by the callers.
The state of a prompt's fixed part is cached in memory and on disk, so it is not evaluated for each question.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from index.one_thread import OneThread
from prompts.render import Message
from service.errors import GenerationFailed, ModelUnavailable
from service.language_models.prompt_states import Prefixes, n_shared
from service.language_models.thinking import remove_thinking
from service.language_models.types import Check, Generation, GenerationRequest

_SENTINEL = "\x02inyong\x02"  # placeholder for a message's content while the chat template is rendered
_MIN_PERIOD, _LONGEST_CIRCLE = 4, 40  # tokens
_ROUNDS = 3


class LlamaCppGenerator:
    """A GGUF chat model in this process."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        context_tokens: int = 4096,
        threads: int | None = None,
        gpu_layers: int = -1,
        state_folder: Path | None = None,
    ) -> None:
        """Load the model. state_folder: cache of evaluated prompt prefixes, None for memory only."""
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._llama_cpp: Any = llama_cpp
        self._thread = OneThread("language-model")
        self._name = name
        llama_cpp.llama_log_set(_silence(), None)
        try:
            self._model: Any = llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=gpu_layers,
                verbose=False,
                seed=0,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelUnavailable(f"{path}: llama.cpp cannot load this file ({error})") from error
        template = self._model.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelUnavailable(f"{path}: this GGUF has no chat template; use a chat (instruct) model")
        self._formatter = Jinja2ChatFormatter(
            template,
            eos_token=self._token_text(self._model.token_eos()),
            bos_token="",
            add_generation_prompt=True,
        )
        file = path.resolve().stat()  # two fine-tunes may have the same name and size
        fingerprint = (
            f"{path.name}-{file.st_size}-{file.st_mtime_ns}-{context_tokens}-{llama_cpp.__version__}"
        )
        self._prefixes = Prefixes(state_folder, fingerprint)

    @property
    def name(self) -> str:
        """Name of the model as configured."""
        return self._name

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Evaluate the fixed messages once and cache the model's state after them, in memory and on disk."""
        self._thread.call(partial(self._read, fixed))

    def _read(self, fixed: Sequence[Message]) -> None:
        tokens = tuple(self._prefix_tokens(fixed))
        if self._prefixes.find(tokens) is None:
            self._model.reset()
            self._model.eval(tokens)
            self._prefixes.keep(tokens, self._copy_state())

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """Generate the next turn; see Generator."""
        began, interrupted = time.perf_counter(), threading.Event()
        work = partial(self._generate, request, check, began, interrupted)
        return self._thread.call(work, give_up=interrupted.set)

    def _require_room(self, n_prompt: int, n_answer: int) -> None:
        if self._model.n_ctx() - n_prompt < n_answer:
            raise GenerationFailed(
                f"the prompt has {n_prompt} tokens and {n_answer} are needed for the answer, but the model's "
                f"context holds {self._model.n_ctx()}; raise context_tokens"
            )

    def _generate(
        self, request: GenerationRequest, check: Check, began: float, interrupted: threading.Event
    ) -> Generation:
        """interrupted: set when the caller no longer waits."""
        tokens: list[int] = []
        first_token_at, finished = 0.0, False
        try:
            prompt = self._prompt_tokens(request.messages)
            self._require_room(len(prompt), request.max_tokens)
            cached = self._restore_fixed_part(prompt)
            for token in self._decode(prompt, cached):
                first_token_at = first_token_at or time.perf_counter()
                check()
                finished = self._ends_turn(token) or interrupted.is_set()
                if finished:
                    break
                tokens.append(token)
                if len(tokens) >= request.max_tokens or repeats_itself(tokens):
                    break
        except (RuntimeError, ValueError) as error:
            raise GenerationFailed(f"the language model failed: {error}") from error
        text: bytes = self._model.detokenize(tokens, prev_tokens=prompt)
        return Generation(
            text=remove_thinking(text.decode("utf-8", "ignore")),  # the last character may be cut
            prompt_tokens=len(prompt),
            cached_prompt_tokens=cached,
            completion_tokens=len(tokens),
            first_token_ms=(first_token_at - began) * 1000,
            finished=finished,
        )

    def _decode(self, prompt: list[int], cached: int) -> Iterator[int]:
        """Yield the likeliest next token without end. cached: prompt tokens already evaluated."""
        self._model.n_tokens = cached  # evaluating from here drops later tokens
        self._model.eval(prompt[cached:])
        while True:
            token = self._pick()
            yield token
            self._model.eval([token])

    def _pick(self) -> int:
        """Return the likeliest next token."""
        pointer = self._model._ctx.get_logits()
        return int(np.ctypeslib.as_array(pointer, shape=(self._model.n_vocab(),)).argmax())

    def _ends_turn(self, token: int) -> bool:
        return bool(self._llama_cpp.llama_vocab_is_eog(self._model._model.vocab, token))

    # Prompt layout

    def _prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """Tokenise the rendered prompt; special tokens come only from the template, never from contents."""
        frame = self._formatter(
            messages=[{"role": message.role, "content": _SENTINEL} for message in messages]  # type: ignore[misc]
        ).prompt
        pieces = frame.split(_SENTINEL)
        if len(pieces) != len(messages) + 1:
            raise GenerationFailed("the model's chat template does not keep the messages apart; use another")
        tokens = self._tokenize(pieces[0], special=True, first=True)
        for message, piece in zip(messages, pieces[1:], strict=True):
            tokens += self._tokenize(message.content.replace(_SENTINEL, ""), special=False)
            tokens += self._tokenize(piece, special=True)
        return tokens

    def _prefix_tokens(self, fixed: Sequence[Message]) -> list[int]:
        """Return the tokens shared by all prompts that begin with these messages."""
        one = self._prompt_tokens([*fixed, Message("user", "a")])
        other = self._prompt_tokens([*fixed, Message("user", "1")])
        return one[: n_shared(one, other)]

    def _tokenize(self, text: str, *, special: bool, first: bool = False) -> list[int]:
        if not text:
            return []
        tokens: list[int] = self._model.tokenize(text.encode(), add_bos=first, special=special)
        return tokens

    def _token_text(self, token: int) -> str:
        text: bytes = self._model.detokenize([token], special=True)
        return text.decode("utf-8", "replace")

    # Cached prefixes

    def _restore_fixed_part(self, prompt: list[int]) -> int:
        """Restore the state after the prompt's fixed part; return the number of cached tokens.

        The rest is evaluated anew: the count, or the time to the first token, would reveal that somebody
        has just asked the same or been shown the same sentences.
        """
        prefix = self._prefixes.longest_of(prompt)
        shared = min(n_shared(self._model.input_ids[: self._model.n_tokens], prompt), len(prefix))
        if len(prefix) > shared:
            self._apply_state(prefix, self._prefixes.find(prefix) or b"")
        return min(len(prefix), len(prompt) - 1)

    def _copy_state(self) -> bytes:
        lib, context = self._llama_cpp, self._model._ctx.ctx
        size = lib.llama_state_seq_get_size(context, 0)
        buffer = (lib.ctypes.c_uint8 * size)()
        written = lib.llama_state_seq_get_data(context, buffer, size, 0)
        return bytes(buffer[:written]) if written else b""

    def _apply_state(self, tokens: tuple[int, ...], state: bytes) -> None:
        lib = self._llama_cpp
        self._model.reset()
        buffer = (lib.ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not lib.llama_state_seq_set_data(self._model._ctx.ctx, buffer, len(state), 0):
            self._model.eval(tokens)
            return
        self._model.input_ids[: len(tokens)] = tokens
        self._model.n_tokens = len(tokens)


def repeats_itself(tokens: Sequence[int]) -> bool:
    """Return whether the last tokens repeat in a loop, which greedy decoding does not escape."""
    return any(
        tokens[-length:] == tokens[-2 * length : -length] == tokens[-3 * length : -2 * length]
        for length in range(_MIN_PERIOD, min(_LONGEST_CIRCLE, len(tokens) // _ROUNDS) + 1)
    )


@cache
def _silence() -> Any:
    """Return one callback for the whole process: llama.cpp calls it even after a model is freed."""
    import llama_cpp

    return llama_cpp.llama_log_callback(_ignore_log)


def _ignore_log(level: int, text: bytes, user_data: Any) -> None:
    """Discard llama.cpp's own log lines, which are not for users."""
