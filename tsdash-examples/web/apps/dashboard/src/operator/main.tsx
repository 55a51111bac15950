import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../styles.css";
import "./operator.css";
import { OperatorPage } from "./OperatorPage.tsx";
import { Operator } from "./operator.ts";

const operator = new Operator(window.location.origin);
void operator.look();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <OperatorPage operator={operator} />
  </StrictMode>,
);
