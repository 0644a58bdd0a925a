"""All texts of the bot, in Korean and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """The bot's texts in one language. Braces are placeholders for values."""

    searching: str
    reading: str
    writing: str
    queued: str
    queued_next: str
    quotes_left_out: str
    cut: str
    page: str
    nearest: str
    no_evidence: str
    unsupported: str
    repaired: str
    uncertain: str
    helpful: str
    not_helpful: str
    show_passages: str
    ask_again: str
    share: str
    thanks: str
    not_stored: str
    shared: str
    share_refused: str
    share_done: str
    view_title: str
    view_close: str
    view_question: str
    view_others: str
    view_changed: str
    view_gone: str
    view_left_out: str
    no_rights: str
    not_set_up: str
    empty_question: str
    long_question: str
    usage: str
    failed: str
    took_too_long: str
    user_budget: str
    workspace_budget: str
    reference: str


PHRASES = {
    "ko": Phrases(
        searching="문서에서 찾는 중입니다…",
        reading="찾은 문서를 읽는 중입니다: {titles}",
        writing="답을 쓰는 중입니다…",
        queued="앞에 질문 {count}개가 있습니다. 차례가 되면 바로 답합니다.",
        queued_next="다음 차례입니다. 곧 답합니다.",
        quotes_left_out="그 밖의 인용 {count}개는 ‘근거 보기’에 있습니다.",
        cut="… 전체 {total}자 가운데 앞 {shown}자입니다.",
        page="{page}쪽",
        nearest="가장 가까운 대목 (답이 아닙니다)",
        no_evidence="찾은 문서에 이 질문의 답이 없습니다.",
        unsupported="쓰인 답을 문서의 인용으로 뒷받침할 수 없어 보이지 않습니다.",
        repaired="생성된 답이 문서와 맞지 않아 문서의 문장을 그대로 보여 드립니다.",
        uncertain="확실하지 않은 답입니다. 인용을 확인해 주세요.",
        helpful="👍 도움이 됐어요",
        not_helpful="👎 아니에요",
        show_passages="근거 보기",
        ask_again="다시 묻기",
        share="여기에 공유",
        thanks="의견을 남겼습니다. 고맙습니다.",
        not_stored="이 답은 더는 보관하지 않거나, 이 채널에서 볼 수 없습니다.",
        shared="공유한 질문",
        share_refused="이 채널에서는 볼 수 없는 문서가 이 답에 쓰여 공유하지 않았습니다.",
        share_done="공유했습니다.",
        view_title="근거",
        view_close="닫기",
        view_question="질문",
        view_others="함께 찾은 대목",
        view_gone="이 문서는 지워졌거나 이곳에서 더는 볼 수 없습니다.",
        view_changed="이 문서는 답한 뒤에 바뀌었습니다. 아래는 답할 때의 문장입니다.",
        view_left_out="그 밖의 대목 {count}개는 보이지 않습니다.",
        no_rights=(
            "이곳에서 볼 수 있는 문서 모음이 없습니다. 운영자가 다음 명령으로 열 수 있습니다: {command}"
        ),
        not_set_up=(
            "아직 Slack에 열린 문서 모음이 없습니다. 운영자가 다음 명령으로 열 수 있습니다: {command}"
        ),
        empty_question="무엇이 궁금한지 함께 적어 주세요.",
        long_question="질문이 {total}자로 {most}자를 넘습니다. 더 짧게 물어 주세요.",
        usage="이렇게 물어 주세요: {command} 질문",
        failed="답을 만들지 못했습니다. 잠시 뒤에 다시 물어 주세요.",
        took_too_long="정해진 시간 안에 답을 마치지 못했습니다. 질문을 나누어 다시 물어 주세요.",
        user_budget="물을 수 있는 횟수({count}번)를 모두 쓰셨습니다. {minutes}분 뒤에 다시 물어 주세요.",
        workspace_budget=(
            "이 워크스페이스의 질문 횟수({count}번)를 다 썼습니다. {minutes}분 뒤에 다시 물어 주세요."
        ),
        reference="요청 번호 {id}",
    ),
    "en": Phrases(
        searching="Searching the documents…",
        reading="Reading the documents that were found: {titles}",
        writing="Writing the answer…",
        queued="{count} questions are ahead of yours in the queue.",
        queued_next="Your question is next in the queue.",
        quotes_left_out="{count} further quotes are under “Show passages”.",
        cut="… the first {shown} of {total} characters.",
        page="p. {page}",
        nearest="Nearest passages (not an answer)",
        no_evidence="The retrieved documents do not contain the answer to this question.",
        unsupported="What was written could not be backed by quotes from the documents, so it is not shown.",
        repaired="The documents did not support the generated answer, so their sentences are shown.",
        uncertain="This answer is uncertain. Check it against the quotes.",
        helpful="👍 Helpful",
        not_helpful="👎 Not helpful",
        show_passages="Show passages",
        ask_again="Ask again",
        share="Share here",
        thanks="Thank you for your feedback.",
        not_stored="This answer is no longer stored, or is not visible in this channel.",
        shared="Shared question",
        share_refused="Not shared: this answer uses documents that may not be seen in this channel.",
        share_done="Shared.",
        view_title="Passages",
        view_close="Close",
        view_question="Question",
        view_others="Also found",
        view_gone="This document was removed, or may no longer be seen here.",
        view_changed="This document has changed since; below is the sentence as it was then.",
        view_left_out="{count} further passages are not shown.",
        no_rights="No collection is visible here. An administrator can share one with: {command}",
        not_set_up="No collection is shared with Slack yet. An administrator can share one with: {command}",
        empty_question="Please add what you would like to know.",
        long_question="The question has {total} characters, more than {most}. Please ask it more briefly.",
        usage="Ask like this: {command} your question",
        failed="The answer could not be made. Please ask again in a moment.",
        took_too_long="The answer was not done in time. Please split the question and ask again.",
        user_budget="You have used all {count} questions for now. Please ask again in {minutes} minutes.",
        workspace_budget=(
            "This workspace has used all {count} questions for now. Please ask again in {minutes} minutes."
        ),
        reference="Request {id}",
    ),
}


def phrases_in(language: str) -> Phrases:
    """Return the texts in "ko" or "en"; English for any other language."""
    return PHRASES.get(language, PHRASES["en"])
