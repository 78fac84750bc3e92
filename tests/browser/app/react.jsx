// A website on supertokens-auth-react as its quickstart has it: the prebuilt UI under /auth, a protected home page.
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import EmailPassword from "supertokens-auth-react/recipe/emailpassword";
import { EmailPasswordPreBuiltUI } from "supertokens-auth-react/recipe/emailpassword/prebuiltui";
import Session, { SessionAuth, signOut, useSessionContext } from "supertokens-auth-react/recipe/session";
import { canHandleRoute, getRoutingComponent } from "supertokens-auth-react/ui";

// Put on the window by the test before any script runs.
const config = window.appConfig;

SuperTokens.init({
    appInfo: {
        appName: "Acme",
        apiDomain: config.apiDomain,
        websiteDomain: window.location.origin,
        apiBasePath: "/auth",
        websiteBasePath: "/auth",
    },
    recipeList: [EmailPassword.init(), Session.init({ tokenTransferMethod: config.tokenTransferMethod })],
});

async function leave() {
    await signOut();
    window.location.assign("/auth");
}

function Home() {
    const session = useSessionContext();
    if (session.loading) return null;
    return (
        <main>
            <h1>Welcome</h1>
            <p id="user-id">{session.userId}</p>
            <button onClick={leave}>Sign out</button>
        </main>
    );
}

function App() {
    if (canHandleRoute([EmailPasswordPreBuiltUI])) return getRoutingComponent([EmailPasswordPreBuiltUI]);
    return (
        <SessionAuth>
            <Home />
        </SessionAuth>
    );
}

createRoot(document.getElementById("root")).render(
    <SuperTokensWrapper>
        <App />
    </SuperTokensWrapper>,
);
