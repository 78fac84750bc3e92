// A website on supertokens-auth-react as its quickstart has it: the prebuilt UI under /auth, a protected home page.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import EmailPassword from "supertokens-auth-react/recipe/emailpassword";
import { EmailPasswordPreBuiltUI } from "supertokens-auth-react/recipe/emailpassword/prebuiltui";
import EmailVerification from "supertokens-auth-react/recipe/emailverification";
import { EmailVerificationPreBuiltUI } from "supertokens-auth-react/recipe/emailverification/prebuiltui";
import Passwordless from "supertokens-auth-react/recipe/passwordless";
import { PasswordlessPreBuiltUI } from "supertokens-auth-react/recipe/passwordless/prebuiltui";
import Session, { SessionAuth, signOut, useSessionContext } from "supertokens-auth-react/recipe/session";
import ThirdParty, { Google } from "supertokens-auth-react/recipe/thirdparty";
import { ThirdPartyPreBuiltUI } from "supertokens-auth-react/recipe/thirdparty/prebuiltui";
import { canHandleRoute, getRoutingComponent } from "supertokens-auth-react/ui";

// Put on the window by the test before any script runs.
const config = window.appConfig;

const recipes = {
    emailpassword: [() => EmailPassword.init(), EmailPasswordPreBuiltUI],
    emailverification: [() => EmailVerification.init({ mode: config.verification }), EmailVerificationPreBuiltUI],
    passwordless: [() => Passwordless.init({ contactMethod: config.contactMethod }), PasswordlessPreBuiltUI],
    thirdparty: [
        () => ThirdParty.init({ signInAndUpFeature: { providers: [Google.init()] } }),
        ThirdPartyPreBuiltUI,
    ],
};
const wanted = config.recipes.map((name) => recipes[name]);
const screens = wanted.map(([, screens]) => screens);

SuperTokens.init({
    appInfo: {
        appName: "Acme",
        apiDomain: config.apiDomain,
        websiteDomain: window.location.origin,
        apiBasePath: "/auth",
        websiteBasePath: "/auth",
    },
    recipeList: [
        ...wanted.map(([init]) => init()),
        Session.init({ tokenTransferMethod: config.tokenTransferMethod }),
    ],
});

async function leave() {
    await signOut();
    window.location.assign("/auth");
}

function Home() {
    const session = useSessionContext();
    const [answer, setAnswer] = useState("");
    useEffect(() => {
        fetch(config.apiDomain + config.view).then((response) => setAnswer(`the API says ${response.status}`));
    }, []);
    if (session.loading) return null;
    return (
        <main>
            <h1>Welcome</h1>
            <p id="user-id">{session.userId}</p>
            <p>{answer}</p>
            <button onClick={leave}>Sign out</button>
        </main>
    );
}

function App() {
    if (canHandleRoute(screens)) return getRoutingComponent(screens);
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
