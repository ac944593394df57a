"""Alnage as a LangChain retriever: what one user may read of a collection, re-checked at every question."""

from typing import Any

import httpx
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import SecretStr


class AlnageRetriever(BaseRetriever):
    url: str = "http://127.0.0.1:8080"
    key: SecretStr
    user: str | None = None  # None: the rights of the application itself
    collection: str = "default"
    k: int = 5
    filter: dict[str, Any] | None = None
    timeout: float = 30.0

    def _request(self, query: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        if self.user is not None:
            headers["Alnage-User"] = self.user
        body = {"collection": self.collection, "text": query, "k": self.k, "filter": self.filter}
        return {"url": f"{self.url}/v1/retrieve", "headers": headers, "json": body, "timeout": self.timeout}

    @staticmethod
    def _documents(answer: httpx.Response) -> list[Document]:
        passages = answer.raise_for_status().json()["passages"]
        return [
            Document(one["text"], id=one["chunk"], metadata={**one.get("metadata", {}), **one["citation"]})
            for one in passages
        ]

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return self._documents(httpx.post(**self._request(query)))

    async def _aget_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        async with httpx.AsyncClient() as client:
            return self._documents(await client.post(**self._request(query)))
